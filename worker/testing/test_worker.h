// A worker in a test's own process.
#ifndef OUTERLOOP_WORKER_TESTING_TEST_WORKER_H_
#define OUTERLOOP_WORKER_TESTING_TEST_WORKER_H_

#include <memory>
#include <thread>

#include "absl/time/time.h"
#include "common/test_folder.h"
#include "prometheus/registry.h"
#include "worker/agent.h"
#include "worker/testing/fake_coordinator.h"

namespace outerloop::worker {

// Everything that outerloop-worker has, on the CPU, with two threads and short waits.
class TestWorker {
 public:
  explicit TestWorker(FakeCoordinator& coordinator,
                      absl::Duration reduce_timeout = absl::Seconds(60));
  // At once, as after a second SIGTERM.
  ~TestWorker();

  // As SIGTERM.
  void Shutdown() { agent_.Shutdown(); }
  // Blocks until it has ended by itself.
  void WaitUntilEnded();
  WorkerMetrics& metrics() { return metrics_; }

 private:
  const TestFolder folder_;
  prometheus::Registry registry_;
  WorkerMetrics metrics_{registry_};
  Progress progress_;
  ComputePool pool_;
  BlobCache cache_;
  const std::shared_ptr<grpc::Channel> channel_;
  CoordinatorFiles files_;
  const TrainerFactory trainers_;
  Session session_;
  Agent agent_;
  std::thread thread_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_TESTING_TEST_WORKER_H_
