// What clients' and workers' requests come to: pure functions of the state machine's state. Each is
// idempotent: repeated, a request has its first effect only and gets the same answer.
#ifndef OUTERLOOP_COORDINATOR_CORE_REQUESTS_H_
#define OUTERLOOP_COORDINATOR_CORE_REQUESTS_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/core/durable_core.h"
#include "coordinator/store/records.h"

namespace outerloop::coordinator {

// A job, complete but for what it takes from another one (start_from.h, whose errors it gives). A
// repeat is known by its request id; NOT_FOUND if the job that it made was deleted.
// RESOURCE_EXHAUSTED if `limit` jobs of its owner have not ended.
absl::StatusOr<Decision> DecideSubmit(const Core& core, JobRecord job,
                                      uint32_t limit = std::numeric_limits<uint32_t>::max());

// `job_id` is of a job that is there. Cancelling again is a repeat, whatever its request id.
// FAILED_PRECONDITION if the job has ended in another way.
absl::StatusOr<Decision> DecideCancel(const Core& core, const std::string& job_id);

// The same decision, with the one who asks (event.h) in its event.
absl::StatusOr<Decision> AskedBy(const std::string& who, absl::StatusOr<Decision> decision);

// A job that has not ended is to stand still. `job_id` is of a job that is there. A repeat is known
// by its request id; pausing what is paused changes nothing. FAILED_PRECONDITION if the job has
// ended.
absl::StatusOr<Decision> DecidePause(const Core& core, const std::string& job_id,
                                     const std::string& request_id);

// A job that is held goes on, to be held again after `hold_step`; 0: to its end. `job_id` is of a
// job that is there. A repeat is known by its request id. FAILED_PRECONDITION if it is not held.
absl::StatusOr<Decision> DecideRelease(const Core& core, const std::string& job_id,
                                       const std::string& request_id, uint64_t hold_step);

// A job that has not ended gets another place in the queue. `job_id` is of a job that is there. A
// repeat is known by its request id. INVALID_ARGUMENT if the priority is out of range,
// FAILED_PRECONDITION if the job has ended.
absl::StatusOr<Decision> DecidePriority(const Core& core, const std::string& job_id,
                                        const std::string& request_id, int32_t priority);

// A job is forgotten, with all that it has made. A repeat is known by its request id. NOT_FOUND if
// there is no such job, FAILED_PRECONDITION if it has not ended, an evaluation of it is not done,
// or a job that has not ended was forked from it.
absl::StatusOr<Decision> DecideDeletion(const Core& core, const std::string& job_id,
                                        const std::string& request_id);

// A sweep that has ended is forgotten, and those of these jobs that there are: all or nothing. A
// repeat is known by the request id of `sweep`. FAILED_PRECONDITION, naming it, if one of the jobs
// may not be deleted.
absl::StatusOr<Decision> DecideSweepDeletion(const Core& core, const DeletionRecord& sweep,
                                             const std::vector<std::string>& job_ids);

// An evaluation of a checkpoint. A repeat is known by its request id. NOT_FOUND if the checkpoint
// is not kept any more.
absl::StatusOr<Decision> DecideEvaluation(const Core& core, const EvaluationRecord& evaluation);

// A FAILED or CANCELLED job, taken up after the checkpoint of `step`, the latest if none is given,
// or from the beginning if `step` is 0 or there is no checkpoint; or one that is paused, or is to
// be: it goes on where it stands, or, if a `step` is given and it stands still, after that.
// `job_id` is of a job that is there. A repeat is known by its request id. FAILED_PRECONDITION if
// the job is none of these, is held, or if a job that goes on was forked from a checkpoint that
// would be dropped; NOT_FOUND if there is no such checkpoint.
absl::StatusOr<Decision> DecideResume(const Core& core, const std::string& job_id,
                                      const std::string& request_id, std::optional<uint64_t> step);

// A checkpoint, whose file is durable, of a member of this generation. One that is there already is
// a repeat; another one for its step ends the job. NOT_FOUND if there is no such job,
// FAILED_PRECONDITION if it has ended, ABORTED if it never had that generation or was resumed
// since, or stopped at that step and stands there no more, INVALID_ARGUMENT for a step that no
// checkpoint is due after or asked for. UNAVAILABLE before the step
// has been reported: with the checkpoint on record nobody need compute the steps up to it again, so
// theirs must be as well.
absl::StatusOr<Decision> DecideCheckpoint(const Core& core, uint64_t generation,
                                          const CheckpointRecord& checkpoint);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_REQUESTS_H_
