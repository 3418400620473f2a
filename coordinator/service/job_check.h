// Whether a job can be done with the data that there is.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_JOB_CHECK_H_
#define OUTERLOOP_COORDINATOR_SERVICE_JOB_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/security/caller.h"
#include "coordinator/service/board.h"
#include "coordinator/service/dataset_catalogue.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::coordinator {

// Makes the job of a complete specification `caller`'s: sets its owner, and names the job that it
// starts from, which must be one that the caller may see, by its id: the state machine knows no
// callers. NOT_FOUND with the field's path.
absl::Status GiveTo(const Caller& caller, const Board& board, v1::JobSpec& spec);

// What cannot be said of a complete specification without its data set: that this is there for
// `caller`, and has what model, episode and evaluations need. Returns the digest of its content, ""
// if it is drawn on the spot. NOT_FOUND or INVALID_ARGUMENT with the field's path.
absl::StatusOr<std::string> CheckWithDataset(DatasetCatalogue& catalogue, const v1::JobSpec& spec,
                                             const Caller& caller);

// Keeps the data set with this digest, as HoldContent; null for "".
absl::StatusOr<DatasetCatalogue::Hold> HoldDataset(DatasetCatalogue& catalogue,
                                                   const std::string& sha256);

// Of any request that changes something: 1 to 128 characters.
absl::Status CheckRequestId(const std::string& request_id);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_JOB_CHECK_H_
