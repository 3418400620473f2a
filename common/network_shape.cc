#include "common/network_shape.h"

#include "absl/strings/str_cat.h"
#include "common/refusal.h"

namespace outerloop {

absl::Status CheckGroups(const std::string& path, const v1::Normalization& normalization,
                         int64_t channels) {
  if (!normalization.has_group()) return absl::OkStatus();
  const int64_t groups = normalization.group().groups();
  if (channels % groups == 0) return absl::OkStatus();
  return Refuse(path + ".group.groups", absl::StrCat(groups),
                absl::StrCat("a divisor of the number of channels there, ", channels));
}

}  // namespace outerloop
