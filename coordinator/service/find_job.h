// The job that a request names.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_FIND_JOB_H_
#define OUTERLOOP_COORDINATOR_SERVICE_FIND_JOB_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/security/caller.h"
#include "coordinator/service/board.h"

namespace outerloop::coordinator {

// Those that `caller` may see, oldest first.
std::vector<Board::JobView> JobsOf(const Board& board, const Caller& caller);

// By id, else the latest of that name, among those that `caller` may see. NOT_FOUND with the
// nearest id or name of theirs if there is none.
absl::StatusOr<Board::JobView> FindJob(const Board& board, const Caller& caller,
                                       const std::string& id_or_name);

// The id of that job.
absl::StatusOr<std::string> FindJobId(const Board& board, const Caller& caller,
                                      const std::string& id_or_name);

// By id alone. Null if there is none.
Board::JobView FindJobById(const Board& board, const std::string& job_id);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_FIND_JOB_H_
