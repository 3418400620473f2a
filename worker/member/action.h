// What a worker's control logic wants done. Carried out at the edge (worker/agent.h), in order.
#ifndef OUTERLOOP_WORKER_MEMBER_ACTION_H_
#define OUTERLOOP_WORKER_MEMBER_ACTION_H_

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "outerloop/v1/worker_service.pb.h"
#include "worker/member/operation.h"

namespace outerloop::worker {

// Begin this operation; none is running. Its end is told by OperationEnded. Operations are counted
// from 1.
struct Begin {
  uint64_t number = 0;
  std::shared_ptr<const Operation> operation;  // Shared, so that a plan's tasks are not copied.
};

// The running operation has become pointless: end it soon. It may still succeed.
struct CancelOperation {
  uint64_t number = 0;
};

// Say this over that connection; drop it if the connection is lost.
struct Send {
  uint64_t connection = 0;
  v1::WorkerMessage message;
};

// End the session in good order, and the process. Nothing follows. An operation that still runs has
// been cancelled.
struct Finish {};

using Action = std::variant<Begin, CancelOperation, Send, Finish>;
using Actions = std::vector<Action>;

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_MEMBER_ACTION_H_
