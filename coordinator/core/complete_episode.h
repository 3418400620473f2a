// The part of CompleteSpec (complete_spec.h) about where tasks come from and what they are.
#ifndef OUTERLOOP_COORDINATOR_CORE_COMPLETE_EPISODE_H_
#define OUTERLOOP_COORDINATOR_CORE_COMPLETE_EPISODE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::coordinator {

// Completes and checks `spec.episode`.
absl::Status CompleteEpisode(v1::JobSpec& spec);

// Completes and checks `spec.dataset`, which must go with `spec.episode`.
absl::Status CompleteDataset(v1::JobSpec& spec);

// Support and query examples of one task of a complete episode.
uint64_t ExamplesPerTask(const v1::Episode& episode);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_COMPLETE_EPISODE_H_
