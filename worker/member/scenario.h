// Cases of a worker's control logic as text: commands, and what it does.
#ifndef OUTERLOOP_WORKER_MEMBER_SCENARIO_H_
#define OUTERLOOP_WORKER_MEMBER_SCENARIO_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "worker/member/member.h"

namespace outerloop::worker {

// Runs one command a call, and returns all that followed, a line each. Stands for the coordinator,
// and for the executor, which holds a training state: `done` ends the running operation as it
// would.
//
//   connect | lose                                         a connection
//   join JOB/GENERATION [size=1] [reducer=COORDINATOR]
//   start JOB/GENERATION [rank=0] [step=0] [checkpoint]
//   plan JOB/GENERATION STEP [checkpoint] [digest]
//   leave JOB/GENERATION
//   evaluate EVALUATION SHARD
//   done                                                   the running operation has succeeded
//   fail CAUSE [REASON]                                    it has failed
//   refuse JOB CAUSE [REASON]                              its checkpoint
//   stop                                                   SIGTERM
class Scenario {
 public:
  Scenario();

  std::string Run(const std::string& command);

 private:
  struct Command {
    std::vector<std::string> words;             // Without arguments and flags.
    std::map<std::string, std::string> values;  // NAME=VALUE; of a flag "".
  };
  static Command Parse(const std::string& text);

  MemberEvent MakeEvent(const Command& command);
  v1::CoordinatorMessage MakeMessage(const Command& command) const;
  // CAUSE [REASON] from the word of that number.
  static Failure MakeFailure(const Command& command, size_t first);
  // How the executor would end the operation.
  Outcome Succeed();
  std::string Show(const Actions& actions);
  static std::string Show(const Operation& operation);
  std::string Show(const Send& send) const;

  Member member_;
  uint64_t connection_ = 0;
  std::shared_ptr<const Operation> running_;
  uint64_t number_ = 0;  // Of the operation begun last.

  // The executor's trainer.
  std::string job_id_;
  std::optional<uint64_t> step_;  // Of its state.
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_MEMBER_SCENARIO_H_
