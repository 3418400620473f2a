#include "client/health_check.h"

#include <string>

#include "client/testing/fake_coordinator.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

absl::Status Check(const std::string& address) {
  return CheckHealth(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()),
                     absl::Seconds(10));
}

TEST(HealthCheckTest, TellsServingFromNotServing) {
  FakeCoordinator coordinator;
  EXPECT_TRUE(Check(coordinator.address()).ok()) << Check(coordinator.address());
  coordinator.SetServing(false);
  EXPECT_EQ(Check(coordinator.address()).code(), absl::StatusCode::kUnavailable);
}

TEST(HealthCheckTest, SaysWhenNothingListens) {
  EXPECT_EQ(Check("localhost:1").code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace outerloop::client
