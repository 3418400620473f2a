// The one place where absl::Status and grpc::Status meet. Codes map one to one.
#ifndef OUTERLOOP_COMMON_GRPC_STATUS_H_
#define OUTERLOOP_COMMON_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"

namespace outerloop {

grpc::Status ToGrpcStatus(const absl::Status& status);
absl::Status FromGrpcStatus(const grpc::Status& status);

// A call made with `context` ends with DEADLINE_EXCEEDED at now + `timeout`.
void SetTimeout(grpc::ClientContext& context, absl::Duration timeout);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_GRPC_STATUS_H_
