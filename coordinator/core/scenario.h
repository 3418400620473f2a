// Membership cases as text: commands, and what the state machine answers.
#ifndef OUTERLOOP_COORDINATOR_CORE_SCENARIO_H_
#define OUTERLOOP_COORDINATOR_CORE_SCENARIO_H_

#include <map>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "coordinator/core/core.h"
#include "coordinator/core/requests.h"

namespace outerloop::coordinator {

// Runs one command a call against a state machine under simulated time, and returns all that
// followed, a line each. Workers and jobs are known by short names; a job's id is its name.
//
//   submit JOB [steps=10] [min=1] [max=0] [every=0] [keep=0] [from=JOB@STEP] [evaluate=TASKS]
//       [tasks=4] [reducer=AUTO] [digests=1] [mixed=0] [owner=] [priority=0] [hold=0]
//   connect WORKER [held=JOB:STEP] [in=GENERATION:PLANNED] [digest=TEXT] [numerics=NAME]
//       [reducers=GLOO,NCCL] [name=NAME]
//   lose WORKER
//   leave WORKER          it wants to stop
//   beat WORKER PHASE [step=0] [progress=moves|stands]   again and again while time passes; IDLE
//       before the first such command
//   mute WORKER           it sends heartbeats no more
//   ready WORKER JOB/GENERATION [held=STEP]
//   done WORKER JOB/GENERATION STEP [digest=TEXT] [loss=0] [tasks=2] [adapt=SECONDS]
//       [skipped=0]
//   fail WORKER JOB/GENERATION [cause=JOB]
//   checkpoint JOB STEP [generation=THE PRESENT] [digest=TEXT]
//   resume JOB [step=THE LATEST] [request=TEXT] [by=NAME]
//   evaluate JOB NAME TASKS [step=0]
//   score WORKER EVALUATION SHARD VALUE
//   cancel JOB [by=NAME]
//   pause JOB [request=TEXT] [by=NAME]
//   release JOB [hold=0] [request=TEXT]
//   priority JOB NUMBER [request=TEXT] [by=NAME]
//   delete JOB [request=TEXT]
//   quota WORKERS         that an owner may have; the coordinator starts again with it
//   wait SECONDS          with a tick and heartbeats every tenth of a second
//   freeze SECONDS        in which the coordinator stands still
//   restart               the coordinator, from what was durable
//   jobs | checkpoints | workers   as clients see them
//   events JOB [after=0]  the durable ones, after the one of that number
class Scenario {
 public:
  Scenario();

  std::string Run(const std::string& command);

 private:
  using Arguments = std::map<std::string, std::string>;

  // That which is given, else a new one.
  std::string RequestId(const Arguments& arguments);
  // As an engine does with a request of whom `by=` names.
  std::string Serve(const Arguments& arguments, absl::StatusOr<Decision> decision);
  // As an engine does with a request.
  std::string Serve(const absl::StatusOr<Decision>& decision);
  std::string Checkpoint(const std::vector<std::string>& words, const Arguments& arguments);
  // What a store would do.
  void Keep(const Write& write);
  Event MakeEvent(const std::string& verb, const std::vector<std::string>& words,
                  const Arguments& arguments);
  WorkerConnected Connect(const std::string& worker, const Arguments& arguments);
  JobRecord MakeJob(const std::string& name, const Arguments& arguments);
  std::string Wait(absl::Duration duration);
  std::string Restart();
  std::string Jobs() const;
  std::string Workers() const;
  std::string Checkpoints() const;
  std::string Events(const std::string& job_id, uint64_t after) const;
  // Remembers what is durable, and prints the rest.
  std::string Show(const Effects& effects);
  std::string Show(const Message& message) const;

  CoreOptions options_;
  std::unique_ptr<Core> core_;
  absl::Time now_ = absl::UnixEpoch();
  SessionId next_session_ = 1;
  int requests_ = 0;
  std::map<std::string, SessionId> sessions_;  // By worker.
  std::map<SessionId, std::string> workers_;   // By session.
  struct Beating {
    HeartbeatReceived heartbeat;
    bool moves = true;
  };
  std::map<std::string, Beating> beating_;  // By worker.

  // What a store would hold.
  std::map<std::string, JobRecord> jobs_;
  std::vector<DeletionRecord> deletions_;
  std::vector<std::string> order_;
  std::map<std::pair<std::string, uint64_t>, CheckpointRecord> checkpoints_;
  std::map<std::string, EvaluationRecord> evaluations_;
  std::map<std::pair<std::string, uint64_t>, LossRecord> losses_;
  std::map<std::string, std::vector<v1::JobEvent>> events_;  // By job.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_SCENARIO_H_
