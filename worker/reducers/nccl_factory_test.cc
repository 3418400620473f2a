#include "worker/reducers/nccl_factory.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/reducers/make_reducer.h"
#include "worker/reducers/nccl_fake_api.h"

namespace outerloop::worker {
namespace {

using testing::Contains;
using testing::ExitedWithCode;
using testing::Not;

TEST(NcclFactoryTest, AWorkerWithoutNcclDoesNotOfferIt) {
  EXPECT_THAT(ReducerKinds({.channel = nullptr, .nccl = NcclFactory(nullptr)}),
              Not(Contains(v1::NCCL)));
}

TEST(NcclFactoryTest, AWorkerWithNcclOffersItAndMakesItsReducer) {
  const auto world = std::make_shared<FakeNcclWorld>();
  const ReducerOptions options = {.channel = nullptr,
                                  .nccl = NcclFactory(std::make_shared<FakeNccl>(world))};
  EXPECT_THAT(ReducerKinds(options), Contains(v1::NCCL));
  v1::ReduceHeader header;
  header.set_size(2);
  auto reducer = MakeReducer(options, v1::NCCL, header);
  ASSERT_TRUE(reducer.ok()) << reducer.status();
  EXPECT_EQ((*reducer)->endpoint().size(), kNcclIdBytes) << "it is of rank 0";

  header.set_rank(1);
  reducer = MakeReducer(options, v1::NCCL, header);
  ASSERT_TRUE(reducer.ok()) << reducer.status();
  EXPECT_EQ((*reducer)->endpoint(), "");
}

TEST(NcclFactoryTest, GivingUpEndsTheProcessWithTheDocumentedStatus) {
  ASSERT_TRUE(InitLogging("worker", "info").ok());
  EXPECT_EXIT(ExitToBeRestarted("nccl, rank 3: it hangs"), ExitedWithCode(75),
              "nccl, rank 3: it hangs; exiting with status 75");
}

}  // namespace
}  // namespace outerloop::worker
