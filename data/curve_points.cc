#include "data/curve_points.h"

#include "absl/strings/str_cat.h"

namespace outerloop::data {

absl::Status CheckPoints(absl::string_view path, uint32_t points, uint32_t max,
                         const EpisodeUse& use) {
  if (points >= 1 && points <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": ", points, " points are not possible; 1 to ", max, " are allowed", use.note));
}

std::vector<float> DrawInputs(uint32_t count, double min, double max, RandomStream& random) {
  std::vector<float> inputs(count);
  for (float& input : inputs) input = static_cast<float>(random.Uniform(min, max));
  return inputs;
}

}  // namespace outerloop::data
