// The section of a job's page about what has happened to it.
#ifndef OUTERLOOP_CLIENT_REPORT_EVENT_SECTION_H_
#define OUTERLOOP_CLIENT_REPORT_EVENT_SECTION_H_

#include <span>
#include <string>

#include "absl/time/time.h"
#include "outerloop/v1/event.pb.h"

namespace outerloop::client {

// HTML: how often and how fast the job recovered, and a table of the events, which ascend, with
// times since `start`. "" if there are none.
std::string EventSection(std::span<const v1::JobEvent> events, absl::Time start);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_REPORT_EVENT_SECTION_H_
