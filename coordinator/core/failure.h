// What it means for the state machine that one of its messages could not be made.
#ifndef OUTERLOOP_COORDINATOR_CORE_FAILURE_H_
#define OUTERLOOP_COORDINATOR_CORE_FAILURE_H_

#include <optional>

#include "absl/status/status.h"
#include "coordinator/core/effects.h"
#include "coordinator/core/event.h"

namespace outerloop::coordinator {

// The event that makes the message's job or evaluation fail, saying `why`; none for a message that
// belongs to neither.
std::optional<Event> FailureOf(const Message& message, const absl::Status& why);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_FAILURE_H_
