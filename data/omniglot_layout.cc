#include "data/omniglot_layout.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace outerloop::data {
namespace {

// Digits alone: no sign, no space.
bool ParseNumber(absl::string_view text, uint32_t* number) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, number);
}

}  // namespace

std::optional<OmniglotPath> ParseOmniglotPath(absl::string_view path) {
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  if (parts.size() != 4 || parts[0].empty() || parts[1].empty()) return std::nullopt;
  absl::string_view folder_number = parts[2], name = parts[3];
  uint32_t ignored;
  if (!absl::ConsumePrefix(&folder_number, "character") || !ParseNumber(folder_number, &ignored)) {
    return std::nullopt;
  }
  if (!absl::ConsumeSuffix(&name, ".png")) return std::nullopt;
  const std::vector<absl::string_view> numbers = absl::StrSplit(name, '_');
  OmniglotPath parsed{.root = std::string(parts[0]),
                      .character = absl::StrCat(parts[1], "/", parts[2])};
  if (numbers.size() != 2 || !ParseNumber(numbers[0], &parsed.character_id) ||
      !ParseNumber(numbers[1], &parsed.drawing)) {
    return std::nullopt;
  }
  return parsed;
}

bool IsMacOsMetadata(absl::string_view path) {
  return absl::StartsWith(path, "__MACOSX/") || path == ".DS_Store" ||
         absl::EndsWith(path, "/.DS_Store");
}

}  // namespace outerloop::data
