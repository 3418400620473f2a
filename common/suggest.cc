#include "common/suggest.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/string_view.h"

namespace outerloop {
namespace {

constexpr size_t kMostNamesListed = 8;

// Optimal string alignment: Levenshtein's distance, and a swap of neighbours counts one.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1);  // Row i - 2 of the table, then i - 1, then i.
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substituted});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

}  // namespace

std::string NearestName(std::string_view name, std::span<const std::string> candidates) {
  const std::string wanted = absl::AsciiStrToLower(AbslView(name));
  std::string nearest;
  size_t least = std::string::npos;
  for (const std::string& candidate : candidates) {
    const auto [shorter, longer] = std::minmax({wanted.size(), candidate.size()});
    if (3 * (longer - shorter) > longer) continue;  // The distance is no less than that.
    const size_t distance = EditDistance(wanted, absl::AsciiStrToLower(candidate));
    if (3 * distance > longer || distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

std::string SuggestName(std::string_view name, std::span<const std::string> candidates) {
  if (candidates.empty()) return "";
  const std::string nearest = NearestName(name, candidates);
  if (!nearest.empty()) return absl::StrCat("; did you mean '", nearest, "'?");
  const auto listed = candidates.first(std::min(candidates.size(), kMostNamesListed));
  return absl::StrCat("; known: ", absl::StrJoin(listed, ", "),
                      listed.size() < candidates.size() ? ", ..." : "");
}

}  // namespace outerloop
