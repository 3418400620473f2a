// How long a client waits for an answer.
#ifndef OUTERLOOP_BENCHMARKS_CONTROL_PLANE_RPC_PROBE_H_
#define OUTERLOOP_BENCHMARKS_CONTROL_PLANE_RPC_PROBE_H_

#include <atomic>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "benchmarks/control_plane/latencies.h"
#include "client/client.h"

namespace outerloop::control_plane {

// Calls GetJob every 50 ms and ListJobs and ListWorkers once a second each, one after the other,
// until it is destroyed. Thread-safe.
class RpcProbe {
 public:
  // `client` must outlive the probe.
  RpcProbe(client::Client& client, std::string job_id);
  ~RpcProbe();

  // Times of calls since the last one of these.
  LatencySummary TakeGetJob() { return get_job_.Take(); }
  LatencySummary TakeListJobs() { return list_jobs_.Take(); }
  LatencySummary TakeListWorkers() { return list_workers_.Take(); }
  // Calls that failed.
  int failures() const { return failures_; }

 private:
  void Run();

  client::Client& client_;
  const std::string job_id_;
  Latencies get_job_, list_jobs_, list_workers_;
  std::atomic<int> failures_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace outerloop::control_plane

#endif  // OUTERLOOP_BENCHMARKS_CONTROL_PLANE_RPC_PROBE_H_
