#include "benchmarks/control_plane/rpc_probe.h"

#include <utility>

#include "absl/time/clock.h"

namespace outerloop::control_plane {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(50);
constexpr int kRoundsPerList = 20;

// Adds the time that `call` took, if it succeeds.
template <typename Call>
void Measure(Latencies& latencies, std::atomic<int>& failures, const Call& call) {
  const absl::Time begin = absl::Now();
  if (call().ok()) {
    latencies.Add(absl::Now() - begin);
  } else {
    ++failures;
  }
}

}  // namespace

RpcProbe::RpcProbe(client::Client& client, std::string job_id)
    : client_(client), job_id_(std::move(job_id)), thread_([this] { Run(); }) {}

RpcProbe::~RpcProbe() {
  stopping_ = true;
  thread_.join();
}

void RpcProbe::Run() {
  for (int round = 0; !stopping_; ++round) {
    Measure(get_job_, failures_, [this] { return client_.GetJob(job_id_); });
    if (round % kRoundsPerList == 0) {
      Measure(list_jobs_, failures_, [this] { return client_.ListJobs(); });
      Measure(list_workers_, failures_, [this] { return client_.ListWorkers(); });
    }
    absl::SleepFor(kPause);
  }
}

}  // namespace outerloop::control_plane
