#include "client/job_events.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/terminal/format.h"

namespace outerloop::client {
namespace {

std::string Seconds(double seconds) { return absl::StrCat(FormatNumber(seconds), " s"); }

// What the fields say that not every kind has.
std::vector<std::string> DetailsOf(const v1::JobEvent& event) {
  std::vector<std::string> details;
  if (event.kind() == v1::JobEvent::GROUP_FORMED) {
    const bool one = event.group_size() == 1;
    details.push_back(absl::StrCat("generation ", event.generation()));
    details.push_back(absl::StrCat(event.group_size(), one ? " worker" : " workers"));
  }
  const bool text_names_them = event.kind() == v1::JobEvent::WORKER_LOST;
  if (!text_names_them)
    details.insert(details.end(), event.workers().begin(), event.workers().end());
  if (event.has_seconds()) {
    const bool first = event.kind() == v1::JobEvent::FIRST_STEP;
    details.push_back(
        absl::StrCat(Seconds(event.seconds()), " after the ", first ? "submission" : "loss"));
  }
  if (!event.text().empty()) details.push_back(event.text());
  return details;
}

}  // namespace

std::string EventText(const v1::JobEvent& event) {
  const std::string kind = absl::AsciiStrToLower(v1::JobEvent::Kind_Name(event.kind()));
  const std::vector<std::string> details = DetailsOf(event);
  return absl::StrCat(absl::StrReplaceAll(kind, {{"_", " "}}),
                      event.cause().empty() ? "" : absl::StrCat(" (", event.cause(), ")"),
                      event.by().empty() ? "" : absl::StrCat(" by ", event.by()),
                      details.empty() ? "" : ": ", absl::StrJoin(details, ", "));
}

std::string EventLine(const v1::JobEvent& event) {
  return absl::StrFormat("%s  step %-6d  %s\n", FormatTimestamp(event.time()), event.step(),
                         EventText(event));
}

std::string EventLines(std::span<const v1::JobEvent> events) {
  std::string lines;
  if (const uint64_t dropped = DroppedBefore(events); dropped > 0) {
    absl::StrAppend(&lines, "(", dropped, " earlier events are not kept)\n");
  }
  for (const v1::JobEvent& event : events) absl::StrAppend(&lines, EventLine(event));
  return lines;
}

Json EventToJson(const v1::JobEvent& event) { return MessageToJson(event, JsonFields::kAll); }

Json EventsToJson(std::span<const v1::JobEvent> events) {
  Json list = Json::array();
  for (const v1::JobEvent& event : events) list.push_back(EventToJson(event));
  return list;
}

uint64_t DroppedBefore(std::span<const v1::JobEvent> events) {
  return events.empty() ? 0 : events.front().number() - 1;
}

std::string RecoverySummary(std::span<const v1::JobEvent> events) {
  std::vector<double> seconds;
  for (const v1::JobEvent& event : events) {
    if (event.kind() == v1::JobEvent::RECOVERED) seconds.push_back(event.seconds());
  }
  if (seconds.empty()) return "no recoveries";
  std::sort(seconds.begin(), seconds.end());
  const size_t middle = seconds.size() / 2;
  const double median =
      seconds.size() % 2 == 1 ? seconds[middle] : (seconds[middle - 1] + seconds[middle]) / 2;
  return absl::StrCat(seconds.size(), seconds.size() == 1 ? " recovery" : " recoveries",
                      ", median ", Seconds(median), ", longest ", Seconds(seconds.back()));
}

}  // namespace outerloop::client
