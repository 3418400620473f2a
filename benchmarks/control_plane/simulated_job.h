// What the simulated workers pretend to train.
#ifndef OUTERLOOP_BENCHMARKS_CONTROL_PLANE_SIMULATED_JOB_H_
#define OUTERLOOP_BENCHMARKS_CONTROL_PLANE_SIMULATED_JOB_H_

#include <cstdint>
#include <string>

#include "outerloop/v1/job.pb.h"

namespace outerloop::control_plane {

// A job that does not end by itself: one shard of four tasks for each of its `group_size` workers
// (0: for each of `workers`), at most 65,536 tasks; 5-way 1-shot classification of `strokes`, or
// 10-shot `sinusoid`. No checkpoints, no evaluations; sums by gloo where the workers have it.
v1::JobSpec MakeJob(const std::string& name, const std::string& dataset, uint32_t workers,
                    uint32_t group_size);

}  // namespace outerloop::control_plane

#endif  // OUTERLOOP_BENCHMARKS_CONTROL_PLANE_SIMULATED_JOB_H_
