// Regression tasks on sine curves (Finn, Abbeel & Levine 2017, arXiv 1703.03400, section 5.1).
#ifndef OUTERLOOP_DATA_SINUSOID_SAMPLER_H_
#define OUTERLOOP_DATA_SINUSOID_SAMPLER_H_

#include <cstdint>
#include <memory>

#include "data/episode_sampler.h"
#include "outerloop/v1/episode.pb.h"

namespace outerloop::data {

// Support or query points of one task, at most.
inline constexpr uint32_t kMaxPoints = 65536;
// Magnitude of a bound of amplitude, phase or input, at most.
inline constexpr double kMaxBound = 1e6;

// RegressionTasks y = amplitude * sin(x - phase). Drawn in this order: amplitude, phase, support
// inputs, query inputs, uniformly and in double. A target is computed in double from the input as
// it is sent, in float, and then rounded to float.
std::unique_ptr<const EpisodeSampler> MakeSinusoidSampler(const v1::Sinusoid& episode,
                                                          const ClassPool& pool);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_SINUSOID_SAMPLER_H_
