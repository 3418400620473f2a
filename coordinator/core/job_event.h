// The events of a job (event.proto) as they are put together.
#ifndef OUTERLOOP_COORDINATOR_CORE_JOB_EVENT_H_
#define OUTERLOOP_COORDINATOR_CORE_JOB_EVENT_H_

#include <optional>
#include <string>
#include <vector>

#include "coordinator/store/records.h"
#include "outerloop/v1/event.pb.h"

namespace outerloop::coordinator {

// Of this kind; `text` is cut to what an event may have.
v1::JobEvent MakeEvent(v1::JobEvent::Kind kind, const std::string& text);

// The same about `workers`, by their ids; as many as an event may name.
v1::JobEvent MakeEvent(v1::JobEvent::Kind kind, const std::vector<std::string>& workers);

// Whether people ask for what the kind is of.
bool IsAskedFor(v1::JobEvent::Kind kind);

// The first event of a job, which becomes durable with it.
EventRecord SubmissionOf(const JobRecord& job);

// What is told of a job in state `before` that is in another one now, held there or not. Nothing
// where the cause of the change is told by itself.
std::optional<v1::JobEvent::Kind> KindOfChange(v1::JobState before, v1::JobState now, bool held);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_JOB_EVENT_H_
