#include "coordinator/core/failure.h"

#include <string>
#include <variant>

namespace outerloop::coordinator {

std::optional<Event> FailureOf(const Message& message, const absl::Status& why) {
  const std::string reason(why.message());
  const SessionId session = message.to;
  if (const auto* shard = std::get_if<SendEvaluateShard>(&message.content)) {
    return ShardFailed{session, shard->evaluation_id, shard->shard, reason};
  }
  if (const auto* join = std::get_if<SendJoinGroup>(&message.content)) {
    return MemberFailed{session, join->job_id, join->generation, reason};
  }
  if (const auto* start = std::get_if<SendStartGroup>(&message.content)) {
    return MemberFailed{session, start->job_id, start->generation, reason};
  }
  if (const auto* plan = std::get_if<SendStepPlan>(&message.content)) {
    return MemberFailed{session, plan->job_id, plan->generation, reason};
  }
  return std::nullopt;
}

}  // namespace outerloop::coordinator
