// The way to the coordinator.
#ifndef OUTERLOOP_WORKER_CHANNEL_H_
#define OUTERLOOP_WORKER_CHANNEL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/channel_security.h"
#include "grpcpp/channel.h"

namespace outerloop::worker {

// A channel to HOST:PORT, shared by session, reducer and file transfers. Nothing is connected yet.
// A silent peer counts as lost after 15 s: a ping every 10 s, also between calls, and 5 s for its
// answer. A lost connection is tried again, whenever a call asks for it, after 50 ms, 130 ms, 260
// ms and so on, a second apart at most: a coordinator that is soon back is soon found.
// INVALID_ARGUMENT for a `security` that cannot be (MakeChannelCredentials).
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeCoordinatorChannel(
    const std::string& address, const ChannelSecurity& security = {});

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_CHANNEL_H_
