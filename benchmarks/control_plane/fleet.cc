#include "benchmarks/control_plane/fleet.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/protocol.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace outerloop::control_plane {
namespace {

constexpr uint32_t kSlices = 25;  // Of a heartbeat period.

// A connection of its own: channels of equal arguments share one otherwise.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

Fleet::Fleet(const FleetOptions& options, const std::string& address,
             GroupMeasurements& measurements)
    : options_(options), groups_(options.group, group_clock_, measurements) {
  std::shared_ptr<grpc::Channel> channel;
  for (uint32_t i = 0; i < options.workers; ++i) {
    if (i % options.workers_per_connection == 0) channel = MakeChannel(address);
    workers_.push_back(std::make_unique<SimulatedWorker>(
        absl::StrFormat("worker-%04d", i), channel, options.group.step_time, groups_, welcomes_));
    workers_.back()->Connect();
  }
  if (options.heartbeat_period > absl::ZeroDuration()) Beat(0, absl::Now());
}

Fleet::~Fleet() {
  heartbeat_clock_.Stop();
  group_clock_.Stop();
}

absl::Status Fleet::AwaitWelcome(absl::Time deadline) {
  while (welcomes_ < options_.workers) {
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(absl::StrFormat("only %d of %d workers are connected",
                                                         welcomes_.load(), options_.workers));
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  return absl::OkStatus();
}

uint32_t Fleet::lost() const {
  return static_cast<uint32_t>(std::count_if(workers_.begin(), workers_.end(),
                                             [](const auto& worker) { return worker->IsLost(); }));
}

void Fleet::Beat(uint32_t slice, absl::Time at) {
  for (size_t i = slice; i < workers_.size(); i += kSlices) workers_[i]->SendHeartbeat();
  const absl::Time next = at + options_.heartbeat_period / kSlices;
  heartbeat_clock_.At(next, [this, slice, next] { Beat((slice + 1) % kSlices, next); });
}

}  // namespace outerloop::control_plane
