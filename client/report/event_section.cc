#include "client/report/event_section.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/job_events.h"
#include "client/report/html.h"
#include "client/terminal/format.h"
#include "common/proto_time.h"

namespace outerloop::client {

std::string EventSection(std::span<const v1::JobEvent> events, absl::Time start) {
  if (events.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const v1::JobEvent& event : events) {
    const absl::Duration since = FromTimestamp(event.time()) - start;
    rows.push_back({FormatClock(std::max(since, absl::ZeroDuration())), absl::StrCat(event.step()),
                    EscapeHtml(EventText(event))});
  }
  const uint64_t dropped = DroppedBefore(events);
  return absl::StrCat(
      "<h2>Events</h2>\n<p>", RecoverySummary(events), ".</p>\n",
      HtmlTable({"after", "step", "what"}, rows, /*first_number=*/3),
      "<p class=\"note\">Times are since the submission. A recovery lasts from a loss to the next "
      "new step.",
      dropped > 0 ? absl::StrCat(" ", dropped, " earlier events are not kept.") : "", "</p>\n");
}

}  // namespace outerloop::client
