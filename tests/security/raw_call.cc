#include "tests/security/raw_call.h"

#include <utility>

#include "absl/synchronization/notification.h"
#include "common/grpc_status.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"

namespace outerloop::tests {

std::shared_ptr<grpc::Channel> RawChannel(const std::string& address,
                                          const ChannelSecurity& security) {
  const auto credentials = MakeChannelCredentials(address, security);
  EXPECT_TRUE(credentials.ok()) << credentials.status();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxSendMessageSize(-1);
  return grpc::CreateCustomChannel(address, *credentials, arguments);
}

absl::Status RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::string& request) {
  grpc::ClientContext context;
  SetTimeout(context, absl::Seconds(5));
  const grpc::Slice slice(request);
  const grpc::ByteBuffer message(&slice, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  absl::Notification done;
  grpc::GenericStub(channel).UnaryCall(&context, "/" + method, grpc::StubOptions(), &message,
                                       &response, [&](grpc::Status result) {
                                         status = std::move(result);
                                         done.Notify();
                                       });
  done.WaitForNotification();
  return FromGrpcStatus(status);
}

}  // namespace outerloop::tests
