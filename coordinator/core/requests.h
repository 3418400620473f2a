// What clients' and workers' requests come to: pure functions of the state machine's state. Each is
// idempotent: repeated, a request has its first effect only and gets the same answer.
#ifndef OUTERLOOP_COORDINATOR_CORE_REQUESTS_H_
#define OUTERLOOP_COORDINATOR_CORE_REQUESTS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/core/durable_core.h"
#include "coordinator/store/records.h"

namespace outerloop::coordinator {

// A job, complete but for what it takes from another one (start_from.h, whose errors it gives). A
// repeat is known by its request id.
absl::StatusOr<Decision> DecideSubmit(const Core& core, JobRecord job);

// `job_id` is of a job that is there. Cancelling again is a repeat, whatever its request id.
// FAILED_PRECONDITION if the job has ended in another way.
absl::StatusOr<Decision> DecideCancel(const Core& core, const std::string& job_id);

// An evaluation of a checkpoint that is there. A repeat is known by its request id.
absl::StatusOr<Decision> DecideEvaluation(const Core& core, const EvaluationRecord& evaluation);

// A checkpoint, whose file is durable, of a member of this generation. ABORTED unless it is the
// present one of a job that goes on. UNAVAILABLE before the step has been reported: with the
// checkpoint on record nobody need compute the steps up to it again, so theirs must be as well.
absl::StatusOr<Decision> DecideCheckpoint(const Core& core, uint64_t generation,
                                          const CheckpointRecord& checkpoint);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_REQUESTS_H_
