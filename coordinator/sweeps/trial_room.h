// The limit of an owner's jobs, for those that sweeps submit.
#ifndef OUTERLOOP_COORDINATOR_SWEEPS_TRIAL_ROOM_H_
#define OUTERLOOP_COORDINATOR_SWEEPS_TRIAL_ROOM_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "outerloop/v1/job_service.pb.h"
#include "outerloop/v1/sweep.pb.h"

namespace outerloop::coordinator {

// Whether all trials of `sweep` may become jobs, so that none is refused when its turn comes.
// RESOURCE_EXHAUSTED if an owner could have more than `limit` jobs that have not ended: those of
// `jobs`, those that the sweeps `before` are yet to submit, and these. Pure.
absl::Status CheckRoomForTrials(const v1::Sweep& sweep, const std::vector<v1::Sweep>& before,
                                const std::vector<std::shared_ptr<const v1::Job>>& jobs,
                                uint32_t limit);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SWEEPS_TRIAL_ROOM_H_
