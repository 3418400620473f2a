#include "client/job_events.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

v1::JobEvent Event(uint64_t number, v1::JobEvent::Kind kind, const std::string& text = "") {
  v1::JobEvent event;
  event.set_number(number);
  event.set_kind(kind);
  event.set_text(text);
  event.set_step(7);
  return event;
}

v1::JobEvent Recovered(double seconds) {
  v1::JobEvent event = Event(1, v1::JobEvent::RECOVERED);
  event.set_seconds(seconds);
  return event;
}

TEST(JobEventsTest, SayWhatHasHappenedAndTheDetailsThatTheKindHas) {
  EXPECT_EQ(EventText(Event(1, v1::JobEvent::SUBMITTED)), "submitted");
  v1::JobEvent lost = Event(2, v1::JobEvent::WORKER_LOST, "worker w-1 was lost");
  lost.set_cause("lease");
  lost.add_workers("w-1");
  EXPECT_EQ(EventText(lost), "worker lost (lease): worker w-1 was lost");
  v1::JobEvent joined = Event(3, v1::JobEvent::WORKER_JOINED, "and 3 more");
  joined.add_workers("w-2");
  joined.add_workers("w-3");
  EXPECT_EQ(EventText(joined), "worker joined: w-2, w-3, and 3 more");
  v1::JobEvent formed = Event(4, v1::JobEvent::GROUP_FORMED, "reducer GLOO");
  formed.set_generation(2);
  formed.set_group_size(5);
  EXPECT_EQ(EventText(formed), "group formed: generation 2, 5 workers, reducer GLOO");
  EXPECT_EQ(EventText(Recovered(1.25)), "recovered: 1.25 s after the loss");
  v1::JobEvent resumed = Event(5, v1::JobEvent::RESUMED, "resumed after step 7");
  resumed.set_by("ada");
  EXPECT_EQ(EventText(resumed), "resumed by ada: resumed after step 7");
  v1::JobEvent first = Event(6, v1::JobEvent::FIRST_STEP);
  first.set_seconds(3);
  EXPECT_EQ(EventText(first), "first step: 3 s after the submission");
}

TEST(JobEventsTest, AreLinesWithTimeAndStep) {
  v1::JobEvent event = Event(1, v1::JobEvent::SUBMITTED);
  event.mutable_time()->set_seconds(1'700'000'000);
  EXPECT_THAT(EventLine(event), MatchesRegex("2023-11-1[45] ..:..:..  step 7       submitted\n"));
}

TEST(JobEventsTest, SayHowManyAreNotKept) {
  const std::vector<v1::JobEvent> events = {Event(5, v1::JobEvent::WAITING)};
  EXPECT_THAT(EventLines(events), StartsWith("(4 earlier events are not kept)\n"));
  const std::vector<v1::JobEvent> all = {Event(1, v1::JobEvent::WAITING)};
  EXPECT_THAT(EventLines(all), testing::Not(HasSubstr("earlier")));
  EXPECT_EQ(EventLines({}), "");
}

TEST(JobEventsTest, AreJsonWithTheFieldsOfTheMessage) {
  v1::JobEvent event = Recovered(0.5);
  event.set_step(9);
  EXPECT_EQ(EventsToJson({&event, 1}),
            Json::parse(R"([{"number": 1, "kind": "RECOVERED", "step": 9, "generation": 0,
                             "text": "", "group_size": 0, "workers": [], "cause": "",
                             "seconds": 0.5, "by": ""}])"));
}

TEST(JobEventsTest, CountRecoveriesWithMedianAndLongest) {
  EXPECT_EQ(RecoverySummary({}), "no recoveries");
  const std::vector<v1::JobEvent> one = {Event(1, v1::JobEvent::WORKER_LOST), Recovered(2)};
  EXPECT_EQ(RecoverySummary(one), "1 recovery, median 2 s, longest 2 s");
  const std::vector<v1::JobEvent> three = {Recovered(5), Recovered(1), Recovered(2)};
  EXPECT_EQ(RecoverySummary(three), "3 recoveries, median 2 s, longest 5 s");
  const std::vector<v1::JobEvent> four = {Recovered(5), Recovered(1), Recovered(2), Recovered(3)};
  EXPECT_EQ(RecoverySummary(four), "4 recoveries, median 2.5 s, longest 5 s");
}

}  // namespace
}  // namespace outerloop::client
