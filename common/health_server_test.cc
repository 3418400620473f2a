#include "common/health_server.h"

#include "absl/synchronization/notification.h"
#include "common/grpc_status.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

// HealthCheckResponse's field 1, a varint.
constexpr char kServing[] = "\x08\x01";
constexpr char kNotServing[] = "\x08\x02";

// The answer's bytes to an empty request; the status if there is none.
absl::StatusOr<std::string> Call(const std::string& address, const std::string& method) {
  const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  grpc::ClientContext context;
  SetTimeout(context, absl::Seconds(30));
  const grpc::Slice nothing;
  const grpc::ByteBuffer request(&nothing, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  absl::Notification done;
  grpc::GenericStub(channel).UnaryCall(&context, method, grpc::StubOptions(), &request, &response,
                                       [&](grpc::Status result) {
                                         status = std::move(result);
                                         done.Notify();
                                       });
  done.WaitForNotification();
  if (!status.ok()) return FromGrpcStatus(status);
  grpc::Slice slice;
  if (!response.DumpToSingleSlice(&slice).ok()) return absl::InternalError("no bytes");
  return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
}

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";

TEST(HealthServer, SaysWhetherTheProcessServes) {
  const auto health = HealthServer::Start("localhost:0");
  ASSERT_TRUE(health.ok()) << health.status();
  EXPECT_EQ(Call((*health)->address(), kCheck).value_or("none"), kNotServing);
  (*health)->SetServing(true);
  EXPECT_EQ(Call((*health)->address(), kCheck).value_or("none"), kServing);
  (*health)->SetServing(false);
  EXPECT_EQ(Call((*health)->address(), kCheck).value_or("none"), kNotServing);
}

TEST(HealthServer, ServesNothingElse) {
  const auto health = HealthServer::Start("localhost:0");
  ASSERT_TRUE(health.ok()) << health.status();
  EXPECT_EQ(Call((*health)->address(), "/outerloop.v1.JobService/ListJobs").status().code(),
            absl::StatusCode::kUnimplemented);
}

TEST(HealthServer, SaysThatAPortIsInUse) {
  const auto first = HealthServer::Start("localhost:0");
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = HealthServer::Start((*first)->address());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_NE(second.status().message().find("--health-listen"), std::string::npos);
}

}  // namespace
}  // namespace outerloop
