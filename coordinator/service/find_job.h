// The job that a request names.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_FIND_JOB_H_
#define OUTERLOOP_COORDINATOR_SERVICE_FIND_JOB_H_

#include <string>

#include "absl/status/statusor.h"
#include "coordinator/service/board.h"

namespace outerloop::coordinator {

// By id, else the latest of that name. NOT_FOUND with the nearest id or name if there is none.
absl::StatusOr<Board::JobView> FindJob(const Board& board, const std::string& id_or_name);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_FIND_JOB_H_
