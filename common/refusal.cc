#include "common/refusal.h"

#include "absl/strings/str_cat.h"

namespace outerloop {

absl::Status Refuse(const std::string& path, const std::string& value, const std::string& allowed) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", value, " is not allowed; give ", allowed));
}

absl::Status Missing(const std::string& path, const std::string& allowed) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": nothing given; give ", allowed));
}

}  // namespace outerloop
