// Whether a server says that it serves.
#ifndef OUTERLOOP_CLIENT_HEALTH_CHECK_H_
#define OUTERLOOP_CLIENT_HEALTH_CHECK_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"

namespace outerloop::client {

// Asks the standard health service (grpc.health.v1) once about the server as a whole. OK if it
// serves; UNAVAILABLE if it does not or cannot be reached; DEADLINE_EXCEEDED after `timeout`.
// Blocks.
absl::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, absl::Duration timeout);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_HEALTH_CHECK_H_
