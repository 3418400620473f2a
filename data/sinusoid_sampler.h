// Regression tasks on sine curves (Finn, Abbeel & Levine 2017, arXiv 1703.03400, section 5.1).
#ifndef OUTERLOOP_DATA_SINUSOID_SAMPLER_H_
#define OUTERLOOP_DATA_SINUSOID_SAMPLER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "common/philox.h"
#include "data/episode_use.h"
#include "data/task.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::data {

// Support or query points of one task, at most.
inline constexpr uint32_t kMaxPoints = 65536;
// Magnitude of a bound of amplitude, phase or input, at most.
inline constexpr double kMaxBound = 1e6;

// Whether tasks can be drawn; INVALID_ARGUMENT with the field's path otherwise.
absl::Status CheckSinusoid(const v1::Sinusoid& episode, const EpisodeUse& use);

// One task y = amplitude * sin(x - phase), from the numbers of `random`, drawn in this order:
// amplitude, phase, support inputs, query inputs; so the curve and the support set are the same
// whatever `queries` is. Draws are uniform in double. A target is computed in double from the input
// as it is sent, in float, and then rounded to float.
RegressionTask SampleSinusoid(const v1::Sinusoid& episode, uint32_t queries, RandomStream& random);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_SINUSOID_SAMPLER_H_
