#include "coordinator/core/reducer_choice.h"

#include <vector>

#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

WorkerConnected With(std::vector<v1::Reducer> reducers) {
  WorkerConnected worker;
  worker.reducers = std::move(reducers);
  return worker;
}

TEST(ChooseReducer, TakesTheFastestThatAllMembersHave) {
  const WorkerConnected both = With({v1::GLOO, v1::NCCL}), gloo = With({v1::GLOO}), none = With({});
  using Members = std::vector<const WorkerConnected*>;
  EXPECT_EQ(ChooseReducer(v1::AUTO, Members{&both, &both}), v1::NCCL);
  EXPECT_EQ(ChooseReducer(v1::AUTO, Members{&both, &gloo}), v1::GLOO);
  EXPECT_EQ(ChooseReducer(v1::AUTO, Members{&both, &gloo, &none}), v1::COORDINATOR);
  EXPECT_EQ(ChooseReducer(v1::REDUCER_UNSPECIFIED, Members{&gloo}), v1::GLOO);
}

TEST(ChooseReducer, TakesWhatTheJobAsksFor) {
  const WorkerConnected both = With({v1::GLOO, v1::NCCL});
  const std::vector<const WorkerConnected*> members = {&both};
  EXPECT_EQ(ChooseReducer(v1::COORDINATOR, members), v1::COORDINATOR);
  EXPECT_EQ(ChooseReducer(v1::GLOO, members), v1::GLOO);
}

TEST(CanReduce, AsksOnlyForWhatNotEveryWorkerHas) {
  EXPECT_TRUE(CanReduce(With({}), v1::AUTO));
  EXPECT_TRUE(CanReduce(With({}), v1::COORDINATOR));
  EXPECT_FALSE(CanReduce(With({v1::GLOO}), v1::NCCL));
  EXPECT_TRUE(CanReduce(With({v1::GLOO}), v1::GLOO));
}

}  // namespace
}  // namespace outerloop::coordinator
