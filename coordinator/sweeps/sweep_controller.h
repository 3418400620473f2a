// The thread that drives sweeps.
#ifndef OUTERLOOP_COORDINATOR_SWEEPS_SWEEP_CONTROLLER_H_
#define OUTERLOOP_COORDINATOR_SWEEPS_SWEEP_CONTROLLER_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/core/durable_core.h"
#include "coordinator/security/caller.h"
#include "coordinator/store/store.h"
#include "coordinator/sweeps/advance.h"
#include "outerloop/v1/sweep.pb.h"

namespace outerloop::coordinator {

// Keeps sweeps in the store and brings each forward (advance.h) whenever a job has changed: asks
// the state machine for what is to be done, waits until that is durable, and writes the sweep's
// record down after it. A coordinator that is killed at any moment takes its sweeps up where they
// were. Thread-safe.
class SweepController {
 public:
  // Carries a request to the state machine out; blocks until it is durable and shown, and returns
  // what DurableCore::Serve does, or UNAVAILABLE.
  using Serve = std::function<absl::Status(Decide)>;
  // All jobs, as clients see them.
  using ListJobViews = std::function<std::vector<std::shared_ptr<const v1::Job>>()>;
  // What lasts as long as a sweep's trials are not all submitted. May be empty.
  using Hold = std::shared_ptr<const void>;

  // `store` must outlive it. Sweeps are refused that could exceed `job_limit` jobs of an owner.
  SweepController(Store& store, Serve serve, FindJobView find_job, ListJobViews list_jobs,
                  uint32_t job_limit = std::numeric_limits<uint32_t>::max())
      : store_(store),
        serve_(std::move(serve)),
        find_job_(std::move(find_job)),
        list_jobs_(std::move(list_jobs)),
        job_limit_(job_limit) {}
  ~SweepController() { Stop(); }

  // `listener` is called by its thread after sweeps have changed, and after jobs have, then a few
  // times a second. Call it before Start.
  void Listen(std::function<void()> listener) { listener_ = std::move(listener); }
  // Takes up what the store has, and starts the thread. Call once, when jobs can be found.
  absl::Status Start() ABSL_LOCKS_EXCLUDED(mu_);
  // Waits for the request that is on its way. Later sweeps are kept, but not driven. Idempotent.
  void Stop() ABSL_LOCKS_EXCLUDED(wake_mu_);

  // A job may have changed. Returns at once; from any thread.
  void Wake() ABSL_LOCKS_EXCLUDED(wake_mu_);

  // A sweep as it begins; durable when this returns. The one that this request made before, if it
  // did; NOT_FOUND if that was deleted. Holds `holds` until its trials are submitted.
  // RESOURCE_EXHAUSTED as CheckRoomForTrials has it.
  absl::StatusOr<v1::Sweep> Submit(v1::Sweep sweep, std::vector<Hold> holds)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Among those that `caller` may see: by id, else the latest of that name; NOT_FOUND with the
  // nearest. FAILED_PRECONDITION if it has ended in another way.
  absl::StatusOr<v1::Sweep> Cancel(const Caller& caller, const std::string& id_or_name)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Forgets a sweep that has ended and, if `jobs`, its trials' jobs; returns its id. A repeat is
  // known by its request id, as it is kept (ownership.h). FAILED_PRECONDITION if it has not ended,
  // or as DecideSweepDeletion has it: nothing is deleted then.
  absl::StatusOr<std::string> Delete(const Caller& caller, const std::string& id_or_name,
                                     const std::string& request_id, bool jobs)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<v1::Sweep> Find(const Caller& caller, const std::string& id_or_name) const
      ABSL_LOCKS_EXCLUDED(mu_);
  // Those that `caller` may see, oldest first.
  std::vector<v1::Sweep> List(const Caller& caller) const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Entry {
    v1::Sweep sweep;  // As it is in the store.
    std::vector<Hold> holds = {};
  };

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // False when stopping.
  bool AwaitWork() ABSL_LOCKS_EXCLUDED(wake_mu_);
  // Those that have not ended.
  std::vector<v1::Sweep> Unfinished() const ABSL_LOCKS_EXCLUDED(mu_);
  // Brings a sweep forward as far as it gets. True if that was anywhere.
  bool Drive(v1::Sweep sweep) ABSL_LOCKS_EXCLUDED(mu_);
  // Carries all actions out, and returns the sweep after them: with trials failed whose action is
  // not possible. An error if one has to be tried again.
  absl::StatusOr<v1::Sweep> CarryOut(const v1::Sweep& sweep, const Advance& advance);
  // Writes `sweep` down, and returns it as it then is: somebody may have cancelled it meanwhile.
  absl::StatusOr<v1::Sweep> Save(v1::Sweep sweep) ABSL_LOCKS_EXCLUDED(mu_);

  absl::Status Put(const v1::Sweep& sweep) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<size_t> IndexOf(const Caller& caller, const std::string& id_or_name) const
      ABSL_SHARED_LOCKS_REQUIRED(mu_);

  Store& store_;
  const Serve serve_;
  const FindJobView find_job_;
  const ListJobViews list_jobs_;
  const uint32_t job_limit_;
  std::function<void()> listener_;  // May be empty.

  mutable absl::Mutex mu_;                           // Held while a sweep is written down.
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mu_);  // Oldest first.
  // What is no more, by the requests that made it and that deleted it.
  std::map<std::string, std::string> deletions_ ABSL_GUARDED_BY(mu_);

  absl::Mutex
      wake_mu_;  // After mu_. Never held for long: whoever wakes must not wait for the disk.
  bool woken_ ABSL_GUARDED_BY(wake_mu_) = true;
  bool stopping_ ABSL_GUARDED_BY(wake_mu_) = false;

  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SWEEPS_SWEEP_CONTROLLER_H_
