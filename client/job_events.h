// What has happened to a job, for people and for programs.
#ifndef OUTERLOOP_CLIENT_JOB_EVENTS_H_
#define OUTERLOOP_CLIENT_JOB_EVENTS_H_

#include <cstdint>
#include <span>
#include <string>

#include "client/message_json.h"
#include "outerloop/v1/event.pb.h"

namespace outerloop::client {

// "worker lost (lease): worker w-1 was lost": what it is, and what of it is worth a person's time.
std::string EventText(const v1::JobEvent& event);

// The same behind its time and step, with the line's end.
std::string EventLine(const v1::JobEvent& event);

// A line each. Says first how many are kept no more. Events ascend.
std::string EventLines(std::span<const v1::JobEvent> events);

// The message as it is: {number, time, kind, step, generation, text, group_size, workers, cause,
// by, seconds}, `seconds` only where the kind has them. The names stay.
Json EventToJson(const v1::JobEvent& event);
Json EventsToJson(std::span<const v1::JobEvent> events);

// How many events there were before the first of these, and are kept no more.
uint64_t DroppedBefore(std::span<const v1::JobEvent> events);

// "2 recoveries, median 1.2 s, longest 3.4 s", of the times from a loss to the next new step; "no
// recoveries".
std::string RecoverySummary(std::span<const v1::JobEvent> events);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_JOB_EVENTS_H_
