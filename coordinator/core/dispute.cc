#include "coordinator/core/dispute.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace outerloop::coordinator {
namespace {

// Workers named at most.
constexpr size_t kNamed = 10;

std::string Name(const std::vector<std::string>& workers) {
  const size_t named = std::min(workers.size(), kNamed);
  std::string text =
      absl::StrJoin(workers.begin(), workers.begin() + static_cast<ptrdiff_t>(named), ", ");
  if (workers.size() > named) absl::StrAppend(&text, " and ", workers.size() - named, " others");
  return text;
}

// The digest that more than half of the workers report; empty if there is none.
std::string Majority(const Dispute& dispute) {
  size_t all = 0;
  for (const auto& [digest, workers] : dispute.workers) all += workers.size();
  for (const auto& [digest, workers] : dispute.workers) {
    if (2 * workers.size() > all) return digest;
  }
  return "";
}

}  // namespace

std::string Verdict(const Dispute& dispute) {
  const std::string majority = Majority(dispute);
  std::vector<std::string> minority;
  std::vector<std::string> evidence;
  for (const auto& [digest, workers] : dispute.workers) {
    evidence.push_back(absl::StrCat(digest, " from ", Name(workers)));
    if (digest != majority) minority.insert(minority.end(), workers.begin(), workers.end());
  }
  const std::string blame =
      majority.empty()
          ? "no majority says which are right"
          : absl::StrCat("the machine or the build of ", Name(minority), " computes differently");
  return absl::StrCat("the workers report different parameters after step ", dispute.step, ": ",
                      blame, ". Digests: ", absl::StrJoin(evidence, "; "));
}

}  // namespace outerloop::coordinator
