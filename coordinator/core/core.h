// The coordinator's decisions, as a pure state machine.
#ifndef OUTERLOOP_COORDINATOR_CORE_CORE_H_
#define OUTERLOOP_COORDINATOR_CORE_CORE_H_

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/core/effects.h"
#include "coordinator/core/evaluation_run.h"
#include "coordinator/core/event.h"
#include "coordinator/core/group.h"
#include "coordinator/core/job.h"
#include "coordinator/core/worker_pool.h"

namespace outerloop::coordinator {

struct CoreOptions {
  // After a restart, how long a job waits for the whole of its last group.
  absl::Duration grace = absl::Seconds(3);
  // A worker that nothing is heard from for so long is lost.
  absl::Duration lease = absl::Seconds(2);
  // Ticks that come later than this after the one before show that the coordinator itself was held
  // up: silence in that time is not held against anybody.
  absl::Duration longest_tick = absl::Seconds(1);
  // Plans are given out so far ahead that no step waits for a round trip, and so little that a
  // worker that wants to join need not wait long. In steps at least / at most:
  absl::Duration window = absl::Milliseconds(500);
  uint64_t min_window = 2;
  uint64_t max_window = 512;
  // Evaluation shards that a worker has at a time.
  uint32_t shards_ahead = 2;
};

// What a restarted coordinator finds in its store.
struct Remembered {
  std::vector<JobRecord> jobs;
  std::vector<CheckpointRecord> checkpoints;  // By step, ascending.
  std::vector<LossRecord> losses;
  std::vector<EvaluationRecord> evaluations;
};

// No I/O, no clock, no lock, no randomness: the same events at the same times give the same
// effects. Owned by one thread (service/engine.h). Events about an older generation, an unknown
// session or a job that has ended change nothing.
class Core {
 public:
  explicit Core(const CoreOptions& options) : options_(options) {}

  // Call once, first.
  Effects Restore(const Remembered& remembered, absl::Time now);
  Effects Apply(const Event& event, absl::Time now);

  // Null if there is none. By id, else the latest of that name.
  const Job* FindJob(const std::string& id_or_name) const;
  const Job* FindJobByRequest(const std::string& request_id) const;
  // Null if there is none.
  const EvaluationRecord* FindEvaluation(const std::string& evaluation_id) const;
  const EvaluationRecord* FindEvaluationByRequest(const std::string& request_id) const;
  // Null unless it is being worked on.
  const EvaluationRun* FindRun(const std::string& evaluation_id) const;

  const std::vector<Job>& jobs() const { return jobs_; }

  // As clients see them.
  v1::Job Describe(const Job& job) const;
  v1::Evaluation Describe(const EvaluationRecord& evaluation) const;
  std::vector<v1::WorkerStatus> DescribeWorkers() const;

 private:
  void On(const WorkerConnected& event);
  void On(const WorkerLost& event);
  void On(const WorkerLeaving& event);
  void On(const HeartbeatReceived& event);
  void On(const JobAdmitted& event);
  void On(const CancelRequested& event);
  void On(const MemberReady& event);
  void On(const StepFinished& event);
  void On(const MemberFailed& event);
  void On(const CheckpointStored& event);
  void On(const CheckpointDisputed& event);
  void On(const ResumeRequested& event);
  void On(const EvaluationAdmitted& event);
  void On(const ShardScored& event);
  void On(const ShardFailed& event);
  void On(const Tick& event);

  // The unfinished job whose group has this generation and member; null otherwise.
  Job* MemberJob(SessionId session, const std::string& job_id, uint64_t generation);

  // Whatever a worker sends shows that it lives.
  template <typename E>
  void NoteReport(const E& event) {
    if constexpr (requires { event.session; }) {
      if (Worker* worker = pool_.Find(event.session)) worker->health.Report(now_);
    }
  }
  // Ends the sessions that nothing was heard from for the lease.
  void EndLeases();

  // Who works on what, decided anew after every event.
  void Schedule();
  void ScheduleEvaluations();
  // One shard to each worker that is free for it and has fewer than `ahead`.
  void DealShards(EvaluationRun& run, uint32_t ahead);
  void ScheduleJob(Job& job);
  void Recruit(Job& job);
  void AddIdle(const Job& job, std::vector<SessionId>& members) const;
  void WaitFor(Job& job, size_t idle);

  void FormGroup(Job& job, std::vector<SessionId> members);
  void StartGroup(Job& job);
  void GiveOutPlans(Job& job);
  void Dissolve(Job& job);
  void LoseMember(Job& job, SessionId session, const std::string& worker_id);
  void Record(Job& job, const v1::StepMetrics& metrics, const std::string& parameters_sha256);
  // A step that was finished in a group that has ended meanwhile. The next one goes on from there,
  // so that nobody reports it again.
  void RecordLate(const StepFinished& event);
  void RecordHeld(const Held& held);

  // Counts the loss of a step that was recorded; closes the account at a step with a checkpoint.
  void AccountLoss(Job& job, const v1::StepMetrics& metrics);
  // Drops the checkpoints that `checkpoints.keep_last` leaves out and nothing needs.
  void RetainCheckpoints(Job& job);
  bool IsNeeded(const Job& job, const CheckpointRecord& checkpoint) const;
  void DropCheckpoint(Job& job, uint64_t step);
  // Puts the job back to `step`: what was recorded after it goes.
  void Rewind(Job& job, uint64_t step);
  // Of the parameters in the checkpoint that the job has of `step`, or begins with; "" if none.
  std::string DigestAt(const Job& job, uint64_t step) const;
  void CompleteTraining(Job& job);
  void AdmitEvaluation(const EvaluationRecord& evaluation);
  void FinishEvaluation(const std::string& evaluation_id);
  void FailEvaluation(const std::string& evaluation_id, const std::string& reason);
  void CloseEvaluation(const EvaluationRecord& evaluation);
  void ConcludeIfEvaluated(Job& job);
  void End(Job& job, v1::JobState state, const std::string& reason);

  // Sets state and reason; saved and shown if they changed.
  void Become(Job& job, v1::JobState state, const std::string& reason);
  void Save(const Job& job);
  void SaveSoon(const Write& write);
  void Send(SessionId to, decltype(Message::content) content);

  const CoreOptions options_;
  std::vector<Job> jobs_;  // Oldest first.
  std::map<std::string, EvaluationRecord> evaluations_;
  std::list<EvaluationRun> runs_;  // Oldest first.
  WorkerPool pool_;
  absl::Time last_tick_ = absl::InfinitePast();

  // Of the event that is being applied.
  absl::Time now_;
  Effects effects_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_CORE_H_
