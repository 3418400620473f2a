// A coordinator and workers as real processes on this machine.
#ifndef OUTERLOOP_TESTS_SUPPORT_CLUSTER_H_
#define OUTERLOOP_TESTS_SUPPORT_CLUSTER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/client.h"
#include "common/test_folder.h"
#include "common/test_scrape.h"
#include "outerloop/v1/job_service.pb.h"
#include "tests/support/process.h"

namespace outerloop::tests {

// What the processes are given beside their usual flags, and how the client comes.
struct ClusterSecurity {
  std::vector<std::string> coordinator_flags = {};
  std::vector<std::string> worker_flags = {};
  ChannelSecurity client = {};
};

// Everything lies in a folder of its own, which goes with it. Failures of set-up are fatal failures
// of the test. Not thread-safe.
class Cluster {
 public:
  // Starts the coordinator, on a free port.
  explicit Cluster(ClusterSecurity security = {});
  // Kills what runs. A failure of the test if a process logged what a sanitizer reports.
  ~Cluster();

  client::Client& client() { return *client_; }
  const std::string& address() const { return address_; }
  const TestFolder& folder() const { return folder_; }
  Process& coordinator() { return *coordinator_; }

  // SIGKILL, and start again on the same port with the same data.
  void KillCoordinator() { coordinator_->Kill(); }
  void StartCoordinator();
  // What the coordinator tells Prometheus now.
  Scraped ScrapeCoordinator() const { return Scrape(metrics_port_); }

  // Workers compute one shard at a time unless told otherwise. They share a cache folder.
  Process& StartWorker(int threads = 1);
  // One that does to itself what `fault` says (tests/faults/faulty_worker.cc).
  Process& StartFaultyWorker(const std::string& fault);
  // Kills the i-th worker, if it still runs, and starts another in its place.
  Process& ReplaceWorker(size_t i);
  // What the i-th worker tells Prometheus now. Reads its output up to where it says its port.
  Scraped ScrapeWorker(size_t i);
  Process& worker(size_t i) { return *workers_.at(i); }
  size_t worker_count() const { return workers_.size(); }  // Killed ones too.
  // Blocks until so many are connected.
  void AwaitWorkers(size_t count);

  // Submits and returns the job's id.
  std::string Submit(const v1::JobSpec& spec);
  // Watches until the job has ended; calls `on_step` with every step, in order.
  v1::Job Finish(const std::string& job_id, const std::function<void(uint64_t step)>& on_step = {});
  // Watches until the job satisfies `condition`, or has ended.
  v1::Job AwaitJob(const std::string& job_id, const std::function<bool(const v1::Job&)>& condition);

  // What the processes logged, for messages of failures.
  std::string Logs() const;
  static std::string Binary(const std::string& name);

 private:
  // The i-th; its name stays the same when it is replaced.
  std::unique_ptr<Process> NewWorker(size_t i, std::vector<std::string> program, int threads);

  const ClusterSecurity security_;
  const TestFolder folder_;
  std::string address_ = "localhost:0";
  int metrics_port_ = 0;  // Of the coordinator.
  std::unique_ptr<Process> coordinator_;
  std::unique_ptr<client::Client> client_;
  std::vector<std::unique_ptr<Process>> workers_;
  std::map<size_t, int> worker_metrics_ports_;  // Of workers that were asked for metrics.
  int workers_started_ = 0;
};

// A small classification job on the strokes: seconds on one core.
v1::JobSpec SmallMamlJob(const std::string& name, uint64_t steps);
// Curves on a small network, with one checkpoint, at the end: thousands of steps a second would be
// too quick to meet anybody.
v1::JobSpec SinusoidJob(const std::string& name, uint64_t steps);

}  // namespace outerloop::tests

#endif  // OUTERLOOP_TESTS_SUPPORT_CLUSTER_H_
