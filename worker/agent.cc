#include "worker/agent.h"

#include <optional>
#include <utility>

namespace outerloop::worker {

Agent::Agent(Workplace workplace)
    : workplace_(std::move(workplace)), member_(workplace_), evaluator_(workplace_) {}

void Agent::Run() {
  while (const std::optional<Mailbox::Letter> letter = workplace_.mailbox.Take()) Handle(*letter);
}

void Agent::Handle(const Mailbox::Letter& letter) {
  if (!letter.message) return member_.LoseConnection();
  const v1::CoordinatorMessage& message = *letter.message;
  switch (message.kind_case()) {
    case v1::CoordinatorMessage::kJoinGroup:
      return member_.Join(letter.connection, message.join_group());
    case v1::CoordinatorMessage::kStartGroup:
      return member_.Start(message.start_group());
    case v1::CoordinatorMessage::kStepPlan:
      return member_.Step(message.step_plan());
    case v1::CoordinatorMessage::kLeaveGroup:
      return member_.Leave(message.leave_group());
    case v1::CoordinatorMessage::kEvaluateShard:
      return evaluator_.Evaluate(letter.connection, message.evaluate_shard());
    case v1::CoordinatorMessage::kHeartbeat:
    case v1::CoordinatorMessage::kWelcome:
    case v1::CoordinatorMessage::KIND_NOT_SET:
      return;
  }
}

}  // namespace outerloop::worker
