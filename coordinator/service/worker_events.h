// What a worker says, as events of the state machine.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_WORKER_EVENTS_H_
#define OUTERLOOP_COORDINATOR_SERVICE_WORKER_EVENTS_H_

#include "absl/status/statusor.h"
#include "coordinator/core/event.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::coordinator {

// Of a session's first message, which is a complete Hello.
WorkerConnected ToEvent(SessionId session, const v1::Hello& hello);

// Of every later one. INVALID_ARGUMENT if a session may not say this.
absl::StatusOr<Event> ToEvent(SessionId session, const v1::WorkerMessage& message);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_WORKER_EVENTS_H_
