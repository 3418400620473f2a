// The part of CompleteSpec (complete_spec.h) about where tasks come from and how large they are.
#ifndef OUTERLOOP_COORDINATOR_CORE_COMPLETE_EPISODE_H_
#define OUTERLOOP_COORDINATOR_CORE_COMPLETE_EPISODE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::coordinator {

// Whether `spec.dataset` goes with `spec.episode`, which is complete.
absl::Status CheckDataset(const v1::JobSpec& spec);

// Support and query examples of one task of a complete episode, at most.
uint64_t ExamplesPerTask(const v1::Episode& episode);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_COMPLETE_EPISODE_H_
