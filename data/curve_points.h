// The points of regression tasks, whatever the curve.
#ifndef OUTERLOOP_DATA_CURVE_POINTS_H_
#define OUTERLOOP_DATA_CURVE_POINTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/philox.h"
#include "data/episode_sampler.h"

namespace outerloop::data {

// 1 <= points <= max; INVALID_ARGUMENT with `path`, the field's, otherwise.
absl::Status CheckPoints(absl::string_view path, uint32_t points, uint32_t max,
                         const EpisodeUse& use);

// `count` inputs, uniform in [min, max) in double, then rounded to float.
std::vector<float> DrawInputs(uint32_t count, double min, double max, RandomStream& random);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_CURVE_POINTS_H_
