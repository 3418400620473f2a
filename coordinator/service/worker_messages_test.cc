#include "coordinator/service/worker_messages.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using testing::ElementsAre;

absl::StatusOr<std::shared_ptr<const data::TaskSampler>> NoSampler(const JobRecord&) {
  return absl::InternalError("no tasks are asked for");
}

// What the member of `rank` in a group of these endpoints is told of them.
std::vector<std::string> EndpointsOf(v1::Reducer reducer, uint32_t rank,
                                     const std::vector<std::string>& endpoints) {
  SendStartGroup start;
  start.job_id = "job";
  start.rank = rank;
  start.size = static_cast<uint32_t>(endpoints.size());
  start.reducer = reducer;
  start.endpoints = std::make_shared<const std::vector<std::string>>(endpoints);
  const Core core{CoreOptions()};
  const auto message = ToMessage(core, Message{1, start}, NoSampler);
  EXPECT_TRUE(message.ok()) << message.status();
  const auto& told = message->start_group().endpoints();
  return {told.begin(), told.end()};
}

TEST(WorkerMessagesTest, AMemberOfAGlooRingIsToldOfItsNeighboursOnly) {
  const std::vector<std::string> five = {"a", "b", "c", "d", "e"};
  EXPECT_THAT(EndpointsOf(v1::GLOO, 0, five), ElementsAre("", "b", "", "", "e"));
  EXPECT_THAT(EndpointsOf(v1::GLOO, 2, five), ElementsAre("", "b", "", "d", ""));
  EXPECT_THAT(EndpointsOf(v1::GLOO, 4, five), ElementsAre("a", "", "", "d", ""));
}

TEST(WorkerMessagesTest, TwoMembersOfAGlooRingAreEachOthersNeighbourTwice) {
  EXPECT_THAT(EndpointsOf(v1::GLOO, 0, {"a", "b"}), ElementsAre("", "b"));
  EXPECT_THAT(EndpointsOf(v1::GLOO, 1, {"a", "b"}), ElementsAre("a", ""));
}

TEST(WorkerMessagesTest, AMemberWithAnotherReducerIsToldOfAll) {
  EXPECT_THAT(EndpointsOf(v1::NCCL, 2, {"id", "", ""}), ElementsAre("id", "", ""));
}

}  // namespace
}  // namespace outerloop::coordinator
