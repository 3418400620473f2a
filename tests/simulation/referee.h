// What must hold, whatever happens.
#ifndef OUTERLOOP_TESTS_SIMULATION_REFEREE_H_
#define OUTERLOOP_TESTS_SIMULATION_REFEREE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "coordinator/core/core.h"
#include "coordinator/core/effects.h"
#include "outerloop/v1/job_service.pb.h"
#include "outerloop/v1/worker_service.pb.h"
#include "tests/simulation/arithmetic.h"
#include "tests/simulation/counts.h"
#include "tests/simulation/disk.h"

namespace outerloop::simulation {

// An invariant does not hold. Ends the run.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Is told what happens and compares it with what may happen. Every check that passes is counted;
// one that does not throws a Violation. Thread-compatible.
class Referee {
 public:
  // Both must outlive the referee.
  Referee(const Disk& disk, Counts& counts) : disk_(disk), counts_(counts) {}

  // ---- The coordinator

  // About to become durable: steps and generations never go back, an end is for ever, and every
  // step, digest, checkpoint and score is what the fault-free run has.
  void Committing(const coordinator::Write& write);
  // About to be sent by this life of the coordinator: what it says is durable; the plans of a step
  // cut its shards into disjoint parts, with the specification's tasks.
  void Sending(uint64_t life, coordinator::SessionId to, const v1::CoordinatorMessage& message);
  // What the workers do: nothing for paused jobs, and no owner has more of them than the quota.
  void CheckWorkers(const coordinator::Core& core, uint32_t quota) const;
  // Shown to clients: what is durable.
  void Showing(const v1::Job& job);
  // It has come up again, and knows these jobs: every acknowledged one is there.
  void Restored(const std::set<std::string>& jobs);

  // ---- The workers

  // A worker has a training state of this job: it is the fault-free one.
  void Holding(const std::string& job_id, const TrainingState& state);
  // A worker begins to compute these shards: nobody else does so in this generation.
  void Computing(const std::string& worker, const v1::StepPlan& plan);

  // ---- The clients

  // A submit was answered: one job a request.
  void Submitted(const std::string& request_id, const std::string& job_id);
  void Cancelled(const std::string& job_id) { cancelled_.insert(job_id); }
  // A resume is asked for: from now on the job may go back, once, to a checkpoint.
  void Resuming(const std::string& job_id) {
    cancelled_.erase(job_id);
    resumed_.insert(job_id);
  }
  // A pause was answered: from now on the job is paused, or is to be, until its resume is asked
  // for.
  void Paused(const std::string& job_id) { paused_.insert(job_id); }
  void EndingPause(const std::string& job_id) { paused_.erase(job_id); }
  // That was answered: the job never pauses again, for nobody asks for it.
  void EndedPause(const std::string& job_id) { done_pausing_.insert(job_id); }
  // A release is asked for: until then, the job is held where it was to be.
  void Releasing(const std::string& job_id) { released_.insert(job_id); }
  void ChangingPriority(const std::string& job_id) { priorities_.erase(job_id); }
  // That was answered: the job has it from now on.
  void ChangedPriority(const std::string& job_id, int32_t priority) {
    priorities_[job_id] = priority;
  }
  // That was answered: there is no such job any more.
  void Deleted(const std::string& job_id);
  // A watcher that had seen `cursor` steps gets these: no gap and no repeat.
  void Watching(uint64_t cursor, const v1::WatchJobResponse& response);

  // ---- At the end

  // Whether every submitted job has ended.
  bool AllEnded() const;
  // Each ended as it should, with the fault-free result. Throws if one has not ended.
  void CheckEnds() const;
  // Every worker is there once, and has nothing to do.
  void CheckFree(std::vector<std::string> worker_ids,
                 const std::vector<v1::WorkerStatus>& shown) const;

  Reference& ReferenceOf(const std::string& job_id);

 private:
  using Step = std::tuple<std::string, uint64_t, uint64_t>;  // Job, generation, step.

  // Counts the check, or throws.
  void Check(bool holds, const char* invariant, const std::string& what) const;

  std::unique_ptr<Reference> MakeReference(const v1::JobSpec& spec);
  void Committing(const coordinator::JobRecord& job);
  void Committing(const coordinator::CheckpointRecord& checkpoint);
  void Committing(const coordinator::EvaluationRecord& evaluation);
  void Committing(const coordinator::ScoresRecord& scores) {}
  void Committing(const coordinator::SampleRecord& sample) {}
  void Committing(const coordinator::EventRecord& event);
  void Committing(const coordinator::StepRecord& step);
  void Committing(const coordinator::LossRecord& loss) {}
  void Committing(const coordinator::CheckpointDropped& dropped);
  void Committing(const coordinator::StepsDropped& dropped);
  void Committing(const coordinator::DeletionRecord& deletion);

  void CheckPause(const coordinator::JobRecord& job);
  void CheckHold(const coordinator::JobRecord& before, const coordinator::JobRecord& job);
  // One that frees its workers has kept all that they have done.
  void CheckStop(const coordinator::JobRecord& before, const coordinator::JobRecord& job);
  void SendingPlan(uint64_t life, coordinator::SessionId to, const v1::StepPlan& plan);
  void SendingStart(const v1::StartGroup& start);
  void CheckGeneration(const std::string& job_id, uint64_t generation);
  void CheckEnd(const coordinator::JobRecord& job) const;

  const Disk& disk_;
  Counts& counts_;
  std::map<std::string, std::unique_ptr<Reference>> references_;  // By job.
  std::map<std::string, std::string> submitted_;                  // Job by request.
  std::set<std::string> cancelled_;                               // Acknowledged.
  std::set<std::string> resumed_;                                 // Or may be.
  std::set<std::string> paused_;                                  // Acknowledged, and not resumed.
  std::set<std::string> done_pausing_;                            // Acknowledged: resumed.
  std::set<std::string> released_;                                // Or may be.
  std::map<std::string, int32_t> priorities_;                     // Acknowledged.
  std::set<std::string> gone_;                                    // Acknowledged: deleted.
  std::set<std::string> deleted_;                                 // Durably.
  std::map<std::pair<std::string, uint64_t>, uint32_t> sizes_;    // Of groups that were started.
  struct Deal {
    std::set<coordinator::SessionId> members;
    std::set<uint32_t> shards;
  };
  std::map<std::pair<uint64_t, Step>, Deal> deals_;         // By life of the coordinator.
  std::map<Step, std::map<uint32_t, std::string>> owners_;  // Of shards.
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_REFEREE_H_
