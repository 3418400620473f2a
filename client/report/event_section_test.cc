#include "client/report/event_section.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::JobEvent Event(uint64_t number, int64_t seconds, v1::JobEvent::Kind kind) {
  v1::JobEvent event;
  event.set_number(number);
  event.mutable_time()->set_seconds(seconds);
  event.set_kind(kind);
  event.set_step(40);
  return event;
}

const absl::Time kStart = absl::FromUnixSeconds(1000);

TEST(EventSectionTest, ShowsTimesSinceTheStartAndRecoveries) {
  std::vector<v1::JobEvent> events = {Event(1, 1000, v1::JobEvent::SUBMITTED),
                                      Event(2, 1075, v1::JobEvent::RECOVERED)};
  events[1].set_seconds(1.5);
  const std::string html = EventSection(events, kStart);
  EXPECT_THAT(html, HasSubstr("1 recovery, median 1.5 s, longest 1.5 s."));
  EXPECT_THAT(html, HasSubstr("<td>0:00</td><td>40</td><td>submitted</td>"));
  EXPECT_THAT(html, HasSubstr("<td>1:15</td><td>40</td><td>recovered: 1.5 s after the loss</td>"));
  EXPECT_THAT(html, Not(HasSubstr("not kept")));
}

TEST(EventSectionTest, EscapesWhatOthersWrote) {
  v1::JobEvent event = Event(9, 990, v1::JobEvent::WORKER_LOST);
  event.set_text("worker <script>\"x\"</script>");
  const std::string html = EventSection({&event, 1}, kStart);
  EXPECT_THAT(html, HasSubstr("worker &lt;script&gt;&quot;x&quot;&lt;/script&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("<script>")));
  EXPECT_THAT(html, HasSubstr("8 earlier events are not kept"));
}

TEST(EventSectionTest, IsNothingWithoutEvents) { EXPECT_EQ(EventSection({}, kStart), ""); }

}  // namespace
}  // namespace outerloop::client
