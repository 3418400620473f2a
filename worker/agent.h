// What a worker does with what it is told.
#ifndef OUTERLOOP_WORKER_AGENT_H_
#define OUTERLOOP_WORKER_AGENT_H_

#include "worker/evaluator.h"
#include "worker/group_member.h"
#include "worker/mailbox.h"
#include "worker/workplace.h"

namespace outerloop::worker {

// The compute thread: takes one letter after the other and acts on it.
class Agent {
 public:
  explicit Agent(Workplace workplace);
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Until the mailbox is closed; a step that is under way is finished first.
  void Run();

 private:
  void Handle(const Mailbox::Letter& letter);

  const Workplace workplace_;
  GroupMember member_;
  Evaluator evaluator_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_AGENT_H_
