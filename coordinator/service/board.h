// What clients may see: jobs and workers as of the last durable state.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_BOARD_H_
#define OUTERLOOP_COORDINATOR_SERVICE_BOARD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/service/watchers.h"
#include "outerloop/v1/job_service.pb.h"

namespace outerloop::coordinator {

// The engine publishes; RPC handlers read, without waiting for the engine. Thread-safe.
class Board {
 public:
  using JobView = std::shared_ptr<const v1::Job>;
  using View = JobView;
  // Called with the board locked: must be quick and must not call the board.
  using Watcher = Watchers<JobView>::Watcher;

  // Called after every change of a job, with the board locked. Set it once, before the first.
  void Listen(std::function<void()> listener) ABSL_LOCKS_EXCLUDED(mu_);

  // Replaces the job's view and calls its watchers.
  void Publish(v1::Job job) ABSL_LOCKS_EXCLUDED(mu_);
  // The job is no more. Whoever watches it hears nothing further.
  void Remove(const std::string& job_id) ABSL_LOCKS_EXCLUDED(mu_);
  void PublishWorkers(std::vector<v1::WorkerStatus> workers) ABSL_LOCKS_EXCLUDED(mu_);

  // By id, else the latest of that name. Null if there is none.
  JobView Find(const std::string& id_or_name) const ABSL_LOCKS_EXCLUDED(mu_);
  // Oldest first.
  std::vector<JobView> Jobs() const ABSL_LOCKS_EXCLUDED(mu_);
  std::vector<v1::WorkerStatus> Workers() const ABSL_LOCKS_EXCLUDED(mu_);

  // Calls `watcher` at once, if the job is there, and whenever it is published. One an `owner`.
  void Watch(const void* owner, const std::string& job_id, Watcher watcher)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Afterwards the owner's watcher is not called and no call is running. Nothing if it has none.
  void Unwatch(const void* owner) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  mutable absl::Mutex mu_;
  std::vector<std::string> order_ ABSL_GUARDED_BY(mu_);  // Job ids, oldest first.
  std::map<std::string, JobView> jobs_ ABSL_GUARDED_BY(mu_);
  std::vector<v1::WorkerStatus> workers_ ABSL_GUARDED_BY(mu_);
  std::function<void()> listener_ ABSL_GUARDED_BY(mu_);  // May be empty.
  Watchers<JobView> watchers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_BOARD_H_
