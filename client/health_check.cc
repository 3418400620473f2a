#include "client/health_check.h"

#include <string>

#include "absl/synchronization/notification.h"
#include "common/grpc_status.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"

namespace outerloop::client {
namespace {

constexpr char kMethod[] = "/grpc.health.v1.Health/Check";
// HealthCheckResponse{status: SERVING}: field 1, a varint, 1. The request for the whole server is
// an empty message. The service's .proto is not packaged with gRPC.
constexpr char kServing[] = "\x08\x01";

std::string ToString(const grpc::ByteBuffer& buffer) {
  grpc::Slice slice;
  if (!buffer.DumpToSingleSlice(&slice).ok()) return "";
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

}  // namespace

absl::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, absl::Duration timeout) {
  grpc::ClientContext context;
  SetTimeout(context, timeout);
  const grpc::Slice nothing;
  const grpc::ByteBuffer request(&nothing, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  absl::Notification done;
  grpc::GenericStub(channel).UnaryCall(&context, kMethod, grpc::StubOptions(), &request, &response,
                                       [&](grpc::Status result) {
                                         status = std::move(result);
                                         done.Notify();
                                       });
  done.WaitForNotification();  // For no longer than the call's deadline.
  if (!status.ok()) return FromGrpcStatus(status);
  if (ToString(response) == kServing) return absl::OkStatus();
  return absl::UnavailableError("the server says that it does not serve");
}

}  // namespace outerloop::client
