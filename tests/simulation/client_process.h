// A client of the simulated cluster: submits a job, watches it, and may pause, hold, cancel or
// evaluate it.
#ifndef OUTERLOOP_TESTS_SIMULATION_CLIENT_PROCESS_H_
#define OUTERLOOP_TESTS_SIMULATION_CLIENT_PROCESS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "outerloop/v1/job.pb.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/network.h"

namespace outerloop::simulation {

// What a client does. Times are counted from the beginning.
struct Errand {
  v1::JobSpec spec;
  // Whose job to go on from, at its latest checkpoint; null: none.
  const class ClientProcess* source = nullptr;
  absl::Duration submit_after;
  std::optional<absl::Duration> pause_after;     // And resume it, once it stands still or later.
  std::optional<absl::Duration> priority_after;  // And give the job this priority.
  int32_t priority = 0;
  std::optional<absl::Duration> cancel_after;
  bool resume = false;  // Once it is cancelled.
  bool remove = false;  // Once it has ended.
  std::optional<absl::Duration> evaluate_after;
  uint64_t hold_step = 0;  // And release it there; 0: the job is not held.
};

// Never dies. Calls that fail on the way are repeated with the same request id until they are
// answered, and sometimes after that; a watch that breaks is taken up again from the last step
// seen. Thread-compatible.
class ClientProcess : public Process {
 public:
  // `cluster` must outlive the client.
  ClientProcess(Cluster& cluster, int number, Errand errand);

  void Start();
  // Whether nothing is left to do but to watch.
  bool done() const { return open_errands_ == 0; }
  // Empty before it is known.
  const std::string& job_id() const { return job_id_; }
  // Whether the job has ended, as far as it was seen.
  bool has_seen_end() const { return ended_; }
  Link& link() { return link_; }

 private:
  using Answered = std::function<void(const absl::StatusOr<std::string>&)>;
  using Request = std::function<void(const Reply<std::string>&)>;

  // Repeats the call until it has been answered, well or not.
  void Ask(const Request& request, const Answered& answered);
  void Submit();
  void ActOn(const std::string& job_id);
  void PauseJob();
  void EndPause();
  // The same request once more: it has had its effect.
  void RepeatPause();
  // Releases the job once it is seen to be held.
  void FollowHold(const v1::Job& job);
  void Release(bool again);
  void SetPriority();
  // Tried again as long as something needs the job.
  void Delete(int tries);
  void Cancel();
  void Resume();
  void Evaluate();
  void Watch();

  Cluster& cluster_;
  const std::string name_;
  const Errand errand_;
  Link link_;
  int open_errands_ = 0;
  std::string job_id_;
  uint64_t cursor_ = 0;  // The last step seen.
  bool ended_ = false;   // The job, as far as it was seen.
  bool awaits_hold_ = false;
  bool ending_pause_ = false;
  bool cancelling_ = false;  // Or cancelled.
  bool deleting_ = false;    // Or deleted.
  uint64_t watches_ = 0;     // So far; the latest counts.
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_CLIENT_PROCESS_H_
