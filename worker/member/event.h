// What a worker's control logic is told. Plain values: nothing in them blocks or refers to a
// socket.
#ifndef OUTERLOOP_WORKER_MEMBER_EVENT_H_
#define OUTERLOOP_WORKER_MEMBER_EVENT_H_

#include <cstdint>
#include <string>
#include <variant>

#include "outerloop/v1/worker_service.pb.h"
#include "worker/member/operation.h"

namespace outerloop::worker {

// A stream to the coordinator is open, and nothing has been said over it. Connections are counted
// from 1; a number is never used again.
struct Connected {
  uint64_t connection = 0;
};

struct ConnectionLost {
  uint64_t connection = 0;
};

// Messages of one connection come in the order in which they were sent.
struct Received {
  uint64_t connection = 0;
  v1::CoordinatorMessage message;
};

// The operation begun under that number has ended, a cancelled one too.
struct OperationEnded {
  uint64_t number = 0;
  Outcome outcome;
};

// A checkpoint that was handed over cannot be stored, for a reason that would not go away.
struct CheckpointRefused {
  std::string job_id;
  Failure failure;
};

// The worker is to stop: in good order when it is said first, at once when it is said again.
struct ShutdownRequested {};

using MemberEvent = std::variant<Connected, ConnectionLost, Received, OperationEnded,
                                 CheckpointRefused, ShutdownRequested>;

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_MEMBER_EVENT_H_
