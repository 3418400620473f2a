#include "tests/simulation/brief.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace outerloop::simulation {
namespace {

template <typename Message>
std::string Group(const Message& message) {
  return absl::StrCat(message.job_id(), "/", message.generation());
}

std::string Plan(const v1::StepPlan& plan) {
  std::string text = absl::StrCat("plan ", Group(plan), " step ", plan.step(), ": shards");
  for (const v1::Shard& shard : plan.shards()) absl::StrAppend(&text, " ", shard.index());
  return absl::StrCat(text, plan.checkpoint() ? ", checkpoint" : "");
}

std::string Start(const v1::StartGroup& start) {
  const std::string from = start.has_initial() ? "the beginning"
                           : start.has_checkpoint_sha256()
                               ? "a checkpoint"
                               : absl::StrCat("the state of rank ", start.broadcast_from_rank());
  return absl::StrFormat("start %s as %d of %d after step %d from %s%s", Group(start), start.rank(),
                         start.size(), start.step(), from,
                         start.checkpoint() ? ", checkpoint" : "");
}

std::string Hello(const v1::Hello& hello) {
  if (!hello.has_held()) return "hello";
  const v1::HeldState& held = hello.held();
  return absl::StrFormat("hello, holds %s step %d, planned %d, %d recent", Group(held), held.step(),
                         held.planned_step(), held.recent_size());
}

}  // namespace

std::string Brief(const v1::CoordinatorMessage& message) {
  switch (message.kind_case()) {
    case v1::CoordinatorMessage::kJoinGroup:
      return absl::StrFormat("join %s, %s", Group(message.join_group()),
                             v1::Reducer_Name(message.join_group().reducer()));
    case v1::CoordinatorMessage::kStartGroup:
      return Start(message.start_group());
    case v1::CoordinatorMessage::kStepPlan:
      return Plan(message.step_plan());
    case v1::CoordinatorMessage::kLeaveGroup:
      return absl::StrCat("leave ", Group(message.leave_group()));
    case v1::CoordinatorMessage::kEvaluateShard:
      return absl::StrFormat("evaluate %s shard %d", message.evaluate_shard().evaluation_id(),
                             message.evaluate_shard().shard().index());
    default:
      return message.ShortDebugString();
  }
}

std::string Brief(const v1::WorkerMessage& message) {
  switch (message.kind_case()) {
    case v1::WorkerMessage::kHello:
      return Hello(message.hello());
    case v1::WorkerMessage::kReady:
      return absl::StrCat("ready ", Group(message.ready()),
                          message.ready().has_held_step()
                              ? absl::StrCat(", holds step ", message.ready().held_step())
                              : "");
    case v1::WorkerMessage::kStepDone:
      return absl::StrFormat("done %s step %d", Group(message.step_done()),
                             message.step_done().step());
    case v1::WorkerMessage::kGroupFailed:
      return absl::StrFormat("failed %s: %s: %s", Group(message.group_failed()),
                             v1::GroupFailed::Cause_Name(message.group_failed().cause()),
                             message.group_failed().reason());
    case v1::WorkerMessage::kEvaluationShardDone:
      return absl::StrFormat("scored %s shard %d", message.evaluation_shard_done().evaluation_id(),
                             message.evaluation_shard_done().shard());
    default:
      return message.ShortDebugString();
  }
}

}  // namespace outerloop::simulation
