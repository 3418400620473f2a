// The coordinator's decisions, as a pure state machine.
#ifndef OUTERLOOP_COORDINATOR_CORE_CORE_H_
#define OUTERLOOP_COORDINATOR_CORE_CORE_H_

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/core/allocation.h"
#include "coordinator/core/dispute.h"
#include "coordinator/core/effects.h"
#include "coordinator/core/evaluation_run.h"
#include "coordinator/core/event.h"
#include "coordinator/core/group.h"
#include "coordinator/core/job.h"
#include "coordinator/core/probation.h"
#include "coordinator/core/roster.h"
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

  // A worker that has work and gets nothing done for so long, or for so many times the median of
  // its job's steps if that is longer, is stuck.
  absl::Duration stuck = absl::Seconds(5);
  double stuck_steps = 10;
  // The same before it has finished a step of the job: the first takes longer (data, caches).
  absl::Duration stuck_at_first = absl::Seconds(30);
  // A member that all others wait for is late when it computes for longer than this, and than so
  // many times what its speed promises.
  absl::Duration late = absl::Seconds(1);
  double late_factor = 4;

  // A group that has lost its peers waits so long for the news of who was lost.
  absl::Duration reform_delay = absl::Milliseconds(200);
  // After so many generations in a row that lost their peers before a step was done, the
  // coordinator adds up.
  uint32_t fruitless_limit = 2;
  ProbationOptions probation;

  // Plans are given out so far ahead that no step waits for a round trip and that training outlives
  // a short absence of the coordinator, and so little that a worker that wants to join need not
  // wait long. In steps at least / at most:
  absl::Duration window = absl::Seconds(1);
  uint64_t min_window = 2;
  uint64_t max_window = 512;
  // Evaluation shards that a worker has at a time.
  uint32_t shards_ahead = 2;

  // Workers that all jobs of one owner have together, at most.
  uint32_t worker_quota = kNoQuota;
};

// What a restarted coordinator finds in its store.
struct Remembered {
  std::vector<JobRecord> jobs;
  std::vector<CheckpointRecord> checkpoints;  // By step, ascending.
  std::vector<LossRecord> losses;
  std::vector<EvaluationRecord> evaluations;
  std::vector<EventRecord> latest_events;  // Of each job that has any, the latest.
  std::vector<DeletionRecord> deletions;
};

// No I/O, no clock, no lock, no randomness: the same events at the same times give the same
// effects. Owned by one thread (service/engine.h). Events about an older generation, an unknown
// session or a job that has ended change nothing, but for the metrics of steps.
//
// A heartbeat and a finished step cost O(log workers) and O(1) messages a member; a tick costs
// O(workers); only what changes who is free or needed makes all of the scheduling run, which costs
// nothing for jobs that have ended.
class Core {
 public:
  explicit Core(const CoreOptions& options) : options_(options), probation_(options.probation) {}

  // Call once, first.
  Effects Restore(const Remembered& remembered, absl::Time now);
  Effects Apply(const Event& event, absl::Time now);
  // Apply in two parts, for events that come together: what each of them comes to by itself; and,
  // once for all of them, who works on what.
  Effects Hear(const Event& event, absl::Time now);
  Effects Attend(absl::Time now);

  // A job that is to be admitted once it is durable. Until its JobAdmitted is applied requests find
  // it, but nothing is done for it, and no other event may be about it.
  void Announce(const JobRecord& job);
  // It could not be made durable: forgets a job that was announced.
  void Withdraw(const std::string& job_id);

  // Null if there is none. By id, else the latest of that name.
  const Job* FindJob(const std::string& id_or_name) const;
  const Job* FindJobByRequest(const std::string& request_id) const;
  // Null if there is none.
  const EvaluationRecord* FindEvaluation(const std::string& evaluation_id) const;
  const EvaluationRecord* FindEvaluationByRequest(const std::string& request_id) const;
  // Null unless it is being worked on.
  const EvaluationRun* FindRun(const std::string& evaluation_id) const;

  // The job or sweep that is no more, and that a request of this id has deleted or made; null if
  // there was none.
  const std::string* FindDeletion(const std::string& request_id) const;

  // Oldest first.
  const std::list<Job>& jobs() const { return jobs_; }
  // Those of them that have not ended.
  std::vector<const Job*> UnfinishedJobs() const;

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
  void On(const PauseRequested& event);
  void On(const PauseEnded& event);
  void On(const ReleaseRequested& event);
  void On(const PriorityChanged& event);
  void On(const DeletionRequested& event);
  void On(const SweepDeletionRequested& event);
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

  // ---- Jobs (core.cc)
  Job& AddJob(const JobRecord& record);
  void RemoveJob(const Job& job);
  void Remember(const DeletionRecord& deletion);
  // Null if there is none, or it has ended.
  Job* FindUnfinished(const std::string& job_id);
  // As UnfinishedJobs; may end while the caller goes through them.
  std::vector<Job*> Unfinished();
  // The unfinished job whose group has this generation and member; null otherwise.
  Job* MemberJob(SessionId session, const std::string& job_id, uint64_t generation);
  void End(Job& job, v1::JobState state, const std::string& reason);
  // Sets state and reason; saved and shown if they changed.
  void Become(Job& job, v1::JobState state, const std::string& reason);
  void Save(const Job& job);
  // Durable soon: nothing waits for it.
  void SaveSoon(const Write& write);
  void Send(SessionId to, decltype(Message::content) content);
  void Log(std::string line) { effects_.log.push_back(std::move(line)); }

  // ---- What clients are told of a job's life (core_events.cc)
  // Who has asked for what follows, if anybody.
  template <typename E>
  void NoteAsker(const E& event) {
    if constexpr (requires { event.by; }) {
      asker_ = event.by;
    } else {
      asker_.clear();
    }
  }
  // Adds `event`, but for its number, time, step, generation and asker. Durable soon.
  void Tell(Job& job, v1::JobEvent event);
  void Tell(Job& job, v1::JobEvent::Kind kind, const std::string& text);
  // The same, unless it is what was told last.
  void TellOnce(Job& job, v1::JobEvent::Kind kind, const std::string& text);
  // The job's state was `before`, and is another one now.
  void TellState(Job& job, v1::JobState before);
  // A group was formed of others than `before`, the worker ids of the one before it.
  void TellGroup(Job& job, const std::vector<std::string>& before);
  // The group is to form anew, without the member `lost`; 0: nobody.
  void TellLoss(Job& job, RecoveryCause cause, const std::string& reason, SessionId lost);
  // A step is on record that was not before; `first`: of all.
  void TellStep(Job& job, const v1::StepMetrics& metrics, bool first);

  // ---- Workers (core_workers.cc)
  // Whatever a worker sends shows that it lives; all but heartbeats, that it gets on.
  template <typename E>
  void NoteReport(const E& event) {
    if constexpr (requires { event.session; } && !std::is_same_v<E, HeartbeatReceived>) {
      if (Worker* worker = pool_.Find(event.session)) worker->health.Report(now_);
    }
  }
  // Forgets a worker; its group, if it has one, re-forms.
  void LoseWorker(SessionId session, RecoveryCause cause, const std::string& why);
  // The same for one that is still connected: its session ends with `why`.
  void CloseWorker(SessionId session, RecoveryCause cause, const absl::Status& why);
  // One more failure of this worker.
  void CountFailure(Worker& worker, const std::string& why);
  // Whether it may be given something: it does nothing, wants to stay, is not set aside and is not
  // awaited by a job.
  bool IsAvailable(const Worker& worker) const;

  // ---- Health (core_health.cc)
  void EndLeases();
  void EndPauses();
  void CloseStuckWorkers();
  bool IsStuck(const Worker& worker);
  absl::Duration StuckAfter(const Job& job, bool proven) const;
  void CheckGroup(Job& job);
  // When anything was last heard to move in its group; nothing if that cannot be told, or if a
  // member is at something that takes as long as it takes.
  std::optional<absl::Time> LastMove(const Job& job) const;
  // The member that all others wait for for too long; null if there is none.
  Worker* FindLate(const Job& job);
  void ReformWithout(Job& job, Worker& late);

  // ---- Shares (core_shares.cc)
  // A training or an evaluation, what it could do with, and what it gets.
  struct Claim {
    Job* job;
    EvaluationRun* run;  // Null for a training.
    Demand demand;
    Share share;

    bool waits() const { return run != nullptr ? Total(demand.has) == 0 : !job->group.has_value(); }
  };
  // Of all workers, at this moment.
  struct Division {
    Roster roster;
    std::vector<Claim> claims;  // In order of submission; a job's evaluations before its training.
    std::map<std::string, uint32_t> held;  // How many workers each owner has.
  };
  Division Divide();
  Roster CallTheRoll() const;
  // How many workers each owner's jobs have, or wait for after a restart.
  std::map<std::string, uint32_t> CountByOwner() const;
  // Whether its training has a claim: not while its last group is awaited, or while it is to pause.
  bool WantsShare(const Job& job) const;
  Demand DemandOf(const Job& job, const Roster& roster) const;
  Demand DemandOf(const EvaluationRun& run, const Roster& roster) const;
  // Free workers, at most so many of each kind, and no more than the quota leaves room for: others
  // may have to give back some first.
  std::vector<SessionId> Take(Division& division, const std::string& owner,
                              const Headcount& wanted) const;
  // Those that the claim has a share of and has not got.
  std::vector<SessionId> TakeMissing(Division& division, const Claim& claim) const;
  // Takes what those who wait for their minimum have a share of.
  void Reserve(Division& division, const Job* except) const;
  // Makes of the members of a job's group, which have come to a step boundary, those of its next.
  void FitToShare(const Job& job, std::vector<SessionId>& members);

  // ---- Scheduling (core_schedule.cc)
  // Who works on what. Runs after the events that call for it (`attention_`).
  void Schedule();
  // A job without a group after a restart, or one that is to pause.
  void TakeUp(Job& job);
  void BeginTraining(Division& division, const Claim& claim);
  void WaitFor(Job& job, const std::string& reason);
  std::string WhyItWaits(const Division& division, const Claim& claim, size_t free) const;
  // Who has the workers that are waited for.
  std::string Holders(const Division& division, const Claim& waiting) const;
  // Lets groups whose share is another than they have come to a step boundary.
  void AdjustGroups(Division& division);
  // True if the group is to be advanced.
  bool AdjustGroup(Division& division, const Claim& claim);
  // Lets the job stop and wait again: nothing is left for it.
  bool GiveWay(const Division& division, const Claim& claim);

  // ---- Groups (core_groups.cc)
  void FormGroup(Job& job, std::vector<SessionId> members);
  v1::Reducer ReducerOf(const Job& job, const std::vector<SessionId>& members) const;
  void StartGroup(Job& job);
  void GiveOutPlans(Job& job);
  // Gives out plans, or forms the next group if this one has come to its step boundary.
  void AdvanceGroup(Job& job);
  void Dissolve(Job& job);

  // ---- Recovery (core_recovery.cc)
  // Members that can go on, by rank.
  std::vector<SessionId> Survivors(const Job& job, SessionId without) const;
  // The next group, of the survivors and whoever is free; none if they are too few.
  void Regroup(Job& job, SessionId without = 0);
  // The same because of a fault: counted, and the job is RECOVERING.
  void Reform(Job& job, RecoveryCause cause, const std::string& reason, SessionId without = 0);
  void Break(Job& job, SessionId member, RecoveryCause cause, const std::string& reason);
  void LoseMember(Job& job, SessionId session, RecoveryCause cause, const std::string& reason);

  // ---- Taking up running groups after a restart (core_adoption.cc)
  void Await(Job& job);
  // Whether the worker may be the member of a group that is to be adopted.
  bool IsAwaited(const Held& held);
  // Waits no longer for the job's last group.
  void EndGrace(Job& job);
  // True if the job's last group goes on as it is.
  bool Adopt(Job& job);
  std::optional<Group> HeldGroup(const Job& job);
  Dispute CompareHeld(const Job& job, const Group& group) const;

  // ---- Progress (core_progress.cc)
  void FinishStep(Job& job, Worker& worker, const StepFinished& event);
  void FollowHeld(Job& job, Worker& worker, const StepFinished& event);
  void Record(Job& job, const std::string& worker_id, const v1::StepMetrics& metrics,
              const std::string& parameters_sha256);
  void RecordHeld(const std::string& worker_id, const Held& held);
  void SettleDispute(Job& job);
  void Fail(Job& job, const Dispute& dispute);
  void CompleteTraining(Job& job);

  // ---- Checkpoints (core_checkpoints.cc)
  // Counts the loss of a step that was recorded; closes the account at a step with a checkpoint.
  void AccountLoss(Job& job, const v1::StepMetrics& metrics);
  // Drops the checkpoints that `checkpoints.keep_last` leaves out and nothing needs; and, once
  // there is a later one, those that none was due for.
  void RetainCheckpoints(Job& job);
  bool IsNeeded(const Job& job, const CheckpointRecord& checkpoint) const;
  void DropCheckpoint(Job& job, uint64_t step);

  // ---- Jobs that stand still (core_pause.cc)
  // Lets the group end at a step boundary with a checkpoint, if the job is to stop: as soon as it
  // has started, or at once if it would begin at a checkpoint.
  void BringToStop(Job& job);
  // If the group has come to its end: the job stops, if it is to and has the checkpoint; else the
  // next group forms, unless the checkpoint is on its way.
  void EndDrained(Job& job);
  // Ends the group of a job that is to stop. All that was done is kept.
  void Stop(Job& job);
  // The job has no group any more, and is PAUSED.
  void Pause(Job& job, const std::string& reason);
  // What a job says that trains.
  static std::string RunningReason(const Job& job);

  // ---- Jobs that are taken up again (core_resume.cc)
  // Puts the job back to `step`: what was recorded after it goes.
  void Rewind(Job& job, uint64_t step);
  // Of the parameters in the checkpoint that the job has of `step`, or begins with; "" if none.
  std::string DigestAt(const Job& job, uint64_t step) const;

  // ---- Evaluations (core_evaluations.cc)
  void AdmitEvaluation(const EvaluationRecord& evaluation);
  // Deals shards to the workers that evaluations have a share of.
  void DealEvaluations(Division& division);
  // One shard to each of these workers, and of those that the evaluation has, up to its share, that
  // has fewer than `ahead`.
  void DealShards(EvaluationRun& run, const std::set<SessionId>& fresh, uint32_t ahead);
  // Whether its shards may be given out: its job is not paused, or somebody asked for it since.
  bool IsOpen(const EvaluationRun& run) const;
  // One shard to this worker. False if there is none left.
  bool DealShard(EvaluationRun& run, Worker& worker);
  void FinishEvaluation(const std::string& evaluation_id);
  void FailEvaluation(const std::string& evaluation_id, const std::string& reason);
  void CloseEvaluation(const EvaluationRecord& evaluation);
  void ConcludeIfEvaluated(Job& job);

  const CoreOptions options_;
  std::list<Job> jobs_;  // Oldest first.
  std::unordered_map<std::string, Job*> jobs_by_id_;
  std::unordered_map<std::string, Job*> jobs_by_request_;
  std::map<uint64_t, Job*> unfinished_;  // By number.
  uint64_t last_number_ = 0;
  std::map<std::string, std::string> deletions_;  // Job by request.
  std::map<std::string, EvaluationRecord> evaluations_;
  std::list<EvaluationRun> runs_;  // Oldest first.
  WorkerPool pool_;
  Probation probation_;
  std::map<std::string, std::string> awaited_;  // Worker id -> the job that waits for it.
  // Workers that are busy with what others do in their place, by id: an end of their session does
  // not stop that.
  std::set<std::string> busy_;
  absl::Time last_tick_ = absl::InfinitePast();
  bool attention_ = false;  // Who is free, or who is needed, has changed.

  // Of the event that is being applied.
  absl::Time now_;
  std::string asker_;
  Effects effects_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_CORE_H_
