// Jobs that go on from another job's checkpoint.
#ifndef OUTERLOOP_COORDINATOR_CORE_START_FROM_H_
#define OUTERLOOP_COORDINATOR_CORE_START_FROM_H_

#include "absl/status/status.h"
#include "coordinator/core/core.h"

namespace outerloop::coordinator {

// Completes `spec.start_from` of a new job, whose specification is complete but for that, and puts
// the job where that checkpoint is: its step and the digest of its parameters. Nothing if the job
// does not start from another. NOT_FOUND if there is no such job or checkpoint; INVALID_ARGUMENT if
// the model or the kind of task is another, if `training.steps` leaves nothing to do, or if
// `checkpoint_sha256` is given and is another one's. Pure.
absl::Status CompleteStartFrom(const Core& core, JobRecord& job);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_START_FROM_H_
