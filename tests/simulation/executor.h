// What a simulated worker's operations do, and how long they take.
#ifndef OUTERLOOP_TESTS_SIMULATION_EXECUTOR_H_
#define OUTERLOOP_TESTS_SIMULATION_EXECUTOR_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "outerloop/v1/worker_service.pb.h"
#include "tests/simulation/arithmetic.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/reducers.h"
#include "worker/member/operation.h"

namespace outerloop::simulation {

// What may be wrong with a worker's machine.
struct Condition {
  double slowness = 1;                             // Everything takes so many times as long.
  absl::Time stuck_until = absl::InfinitePast();   // The compute thread does nothing before.
  absl::Time broken_until = absl::InfinitePast();  // Steps fail before.
};

// The compute thread of one life of a worker: carries out one operation at a time, each in stages
// that take random time, on a training state of integers; and the thread that stores checkpoints.
// Thread-compatible.
class Executor {
 public:
  // How an operation has ended.
  using Ended = std::function<void(uint64_t number, worker::Outcome outcome)>;

  // All must outlive the executor. `worker` is the machine's number.
  Executor(Cluster& cluster, Process& process, Link& link, const Condition& condition, int worker,
           std::string worker_id, Ended ended);

  void Begin(uint64_t number, std::shared_ptr<const worker::Operation> operation);
  // The operation ends soon: in most cases as cancelled.
  void Cancel(uint64_t number);

  // What its heartbeat says now.
  const v1::Heartbeat& status() const { return status_; }

 private:
  struct Trainer {
    std::string job_id;
    uint64_t resumed_generation;
    Arithmetic arithmetic;
    std::optional<TrainingState> state;
  };
  struct Stored {
    v1::StoreCheckpointHeader header;
    TrainingState state;
  };

  // `next` after so long, unless the operation has been cancelled by then.
  void Later(absl::Duration low, absl::Duration high, std::function<void()> next);
  void Enter(v1::Heartbeat::Phase phase, uint64_t step = 0);
  void End(worker::Outcome outcome);
  void Fail(v1::GroupFailed::Cause cause, const std::string& reason);

  void Do(const worker::Prepare& prepare);
  void Do(const worker::TakeState& take);
  void Do(const worker::TakeStep& step);
  void Do(const worker::KeepCheckpoint& keep);
  void Do(const worker::CloseGroup& close);
  void Do(const worker::ScoreShard& score);

  void OpenReducer(const v1::StartGroup& start);
  void AllReduce(Words words, std::function<void(const Words&)> next);
  // Tries until it has the file.
  void Fetch(const std::string& sha256, std::function<void(const TrainingState&)> next);
  void TakeOver(const TrainingState& state);
  void Update(const v1::StepPlan& plan, absl::Time begin, double adapt_seconds, const Words& sum);
  bool has_state() const { return trainer_ && trainer_->state; }

  // Of the thread that stores checkpoints.
  void StoreNext();

  Cluster& cluster_;
  Process& process_;
  Link& link_;
  const Condition& condition_;
  const int worker_;
  const std::string worker_id_;
  const Ended ended_;

  std::optional<Trainer> trainer_;
  v1::JoinGroup join_;  // Of the group being prepared for.
  std::unique_ptr<SimulatedReducer> reducer_;
  uint64_t number_ = 0;   // Of the running operation; 0: none.
  uint64_t reduces_ = 0;  // Counts: those begun, and those that have ended.
  uint64_t stage_ = 0;    // Counts; what belongs to an earlier one is dropped.
  std::shared_ptr<const worker::Operation> operation_;
  v1::Heartbeat status_;

  std::deque<Stored> to_store_;  // The front is on its way, if `storing_`.
  bool storing_ = false;
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_EXECUTOR_H_
