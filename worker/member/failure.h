// Whose failure an error is.
#ifndef OUTERLOOP_WORKER_MEMBER_FAILURE_H_
#define OUTERLOOP_WORKER_MEMBER_FAILURE_H_

#include "absl/status/status.h"
#include "worker/member/operation.h"

namespace outerloop::worker {

// By the status's code:
//   JOB     bad input, which every worker would find: INVALID_ARGUMENT, OUT_OF_RANGE,
//           FAILED_PRECONDITION, NOT_FOUND, DATA_LOSS
//   PEERS   a peer, or the way to it or to the coordinator: UNAVAILABLE, DEADLINE_EXCEEDED,
//   ABORTED,
//           CANCELLED
//   WORKER  anything else, such as RESOURCE_EXHAUSTED and INTERNAL
Failure ToFailure(const absl::Status& status);

// Of a reducer that was to connect: PEERS if a peer was lost meanwhile (UNAVAILABLE,
// ABORTED, CANCELLED), WORKER if this machine lacks something (RESOURCE_EXHAUSTED), else
// UNREACHABLE, so that the group goes on with another reducer.
Failure ToConnectFailure(const absl::Status& status);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_MEMBER_FAILURE_H_
