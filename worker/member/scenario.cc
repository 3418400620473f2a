#include "worker/member/scenario.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace outerloop::worker {
namespace {

uint64_t ToNumber(const std::string& text) { return std::strtoull(text.c_str(), nullptr, 10); }

// "a/3": job a, generation 3.
template <typename Message>
void SetGroup(const std::string& text, Message& message) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  message.set_job_id(parts.at(0));
  message.set_generation(ToNumber(parts.at(1)));
}

template <typename Message>
std::string Name(const Message& message) {
  return absl::StrCat(message.job_id(), "/", message.generation());
}

std::string Show(const v1::HeldState& held) {
  std::string text = absl::StrFormat(", holds %s after step %d", held.job_id(), held.step());
  if (held.recent_size() > 0) {
    absl::StrAppendFormat(&text, ", metrics of %d to %d", held.recent(0).step(),
                          held.recent(held.recent_size() - 1).step());
  }
  if (held.generation() > 0) {
    absl::StrAppendFormat(&text, ", is in generation %d with plans up to step %d",
                          held.generation(), held.planned_step());
  }
  return text;
}

}  // namespace

Scenario::Scenario() : member_(v1::Hello()) {}

std::string Scenario::Run(const std::string& command) {
  return Show(member_.Apply(MakeEvent(Parse(command))));
}

Scenario::Command Scenario::Parse(const std::string& text) {
  Command command;
  for (const auto word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(word, absl::MaxSplits('=', 1));
    const bool is_value = parts.size() == 2 || word == "checkpoint" || word == "digest";
    if (is_value) {
      command.values[parts[0]] = parts.size() == 2 ? parts[1] : "";
    } else {
      command.words.emplace_back(word);
    }
  }
  return command;
}

// ---- Events

MemberEvent Scenario::MakeEvent(const Command& command) {
  const std::string& verb = command.words.at(0);
  if (verb == "connect") return Connected{++connection_};
  if (verb == "lose") return ConnectionLost{connection_};
  if (verb == "stop") return ShutdownRequested{};
  if (verb == "done") return OperationEnded{number_, Succeed()};
  if (verb == "fail") return OperationEnded{number_, MakeFailure(command, 1)};
  if (verb == "refuse") return CheckpointRefused{command.words.at(1), MakeFailure(command, 2)};
  return Received{connection_, MakeMessage(command)};
}

Failure Scenario::MakeFailure(const Command& command, size_t first) {
  Failure failure;
  v1::GroupFailed::Cause_Parse(command.words.at(first), &failure.cause);
  if (command.words.size() > first + 1) failure.reason = command.words[first + 1];
  return failure;
}

v1::CoordinatorMessage Scenario::MakeMessage(const Command& command) const {
  v1::CoordinatorMessage message;
  const std::string& verb = command.words.at(0);
  const std::string& subject = command.words.at(1);
  const auto value = [&command](const std::string& name, const std::string& otherwise) {
    const auto it = command.values.find(name);
    return it == command.values.end() ? otherwise : it->second;
  };
  if (verb == "join") {
    v1::JoinGroup& join = *message.mutable_join_group();
    SetGroup(subject, join);
    join.set_size(static_cast<uint32_t>(ToNumber(value("size", "1"))));
    v1::Reducer reducer = v1::COORDINATOR;
    v1::Reducer_Parse(value("reducer", "COORDINATOR"), &reducer);
    join.set_reducer(reducer);
  } else if (verb == "start") {
    v1::StartGroup& start = *message.mutable_start_group();
    SetGroup(subject, start);
    start.set_rank(static_cast<uint32_t>(ToNumber(value("rank", "0"))));
    start.set_step(ToNumber(value("step", "0")));
    start.set_checkpoint(command.values.contains("checkpoint"));
  } else if (verb == "plan") {
    v1::StepPlan& plan = *message.mutable_step_plan();
    SetGroup(subject, plan);
    plan.set_step(ToNumber(command.words.at(2)));
    plan.set_checkpoint(command.values.contains("checkpoint"));
    plan.set_digest(command.values.contains("digest"));
  } else if (verb == "leave") {
    SetGroup(subject, *message.mutable_leave_group());
  } else if (verb == "evaluate") {
    v1::EvaluateShard& evaluate = *message.mutable_evaluate_shard();
    evaluate.set_evaluation_id(subject);
    evaluate.mutable_shard()->set_index(static_cast<uint32_t>(ToNumber(command.words.at(2))));
  }
  return message;
}

Outcome Scenario::Succeed() {
  if (const auto* prepare = std::get_if<Prepare>(running_.get())) {
    if (std::exchange(job_id_, prepare->join.job_id()) != job_id_) step_.reset();
    return Prepared{step_, "endpoint"};
  }
  if (const auto* take = std::get_if<TakeState>(running_.get())) {
    step_ = take->start.step();
    return StateTaken{};
  }
  if (const auto* take = std::get_if<TakeStep>(running_.get())) {
    StepTaken taken;
    step_ = take->plan.step();
    taken.metrics.set_step(*step_);
    if (take->plan.digest()) taken.parameters_sha256 = absl::StrCat("d", *step_);
    return taken;
  }
  if (std::holds_alternative<KeepCheckpoint>(*running_)) return CheckpointKept{};
  if (std::holds_alternative<CloseGroup>(*running_)) return GroupClosed{};
  return ShardScored{};
}

// ---- Actions

std::string Scenario::Show(const Actions& actions) {
  std::string text;
  for (const Action& action : actions) {
    if (const auto* begin = std::get_if<Begin>(&action)) {
      running_ = begin->operation;
      number_ = begin->number;
      absl::StrAppend(&text, "begin ", Show(*begin->operation), "\n");
    } else if (const auto* cancel = std::get_if<CancelOperation>(&action)) {
      absl::StrAppend(&text, "cancel ", cancel->number == number_ ? Show(*running_) : "?", "\n");
    } else if (const auto* send = std::get_if<Send>(&action)) {
      absl::StrAppend(&text, "  -> ", Show(*send), "\n");
    } else {
      absl::StrAppend(&text, "finish\n");
    }
  }
  return text;
}

std::string Scenario::Show(const Operation& operation) {
  if (const auto* prepare = std::get_if<Prepare>(&operation)) {
    return absl::StrCat("prepare ", Name(prepare->join));
  }
  if (const auto* take = std::get_if<TakeState>(&operation)) {
    return absl::StrCat("take state ", Name(take->start));
  }
  if (const auto* take = std::get_if<TakeStep>(&operation)) {
    return absl::StrCat("take step ", Name(take->plan), " ", take->plan.step());
  }
  if (const auto* keep = std::get_if<KeepCheckpoint>(&operation)) {
    return absl::StrCat("keep checkpoint ", keep->job_id, "/", keep->generation, " ", keep->step);
  }
  if (const auto* score = std::get_if<ScoreShard>(&operation)) {
    return absl::StrCat("score ", score->request.evaluation_id(), " ",
                        score->request.shard().index());
  }
  return "close group";
}

std::string Scenario::Show(const Send& send) const {
  const v1::WorkerMessage& message = send.message;
  std::string text = send.connection == connection_ ? "" : "over an old connection: ";
  if (message.has_hello()) {
    const v1::Hello& hello = message.hello();
    absl::StrAppend(&text, "hello", hello.has_held() ? worker::Show(hello.held()) : "");
  } else if (message.has_ready()) {
    const v1::Ready& ready = message.ready();
    absl::StrAppend(&text, "ready ", Name(ready), " at ", ready.endpoint());
    if (ready.has_held_step()) absl::StrAppend(&text, ", holds step ", ready.held_step());
  } else if (message.has_step_done()) {
    const v1::StepDone& done = message.step_done();
    absl::StrAppend(&text, "done ", Name(done), " ", done.step());
    if (!done.parameters_sha256().empty()) absl::StrAppend(&text, " ", done.parameters_sha256());
  } else if (message.has_group_failed()) {
    const v1::GroupFailed& failed = message.group_failed();
    absl::StrAppend(&text, "failed ", Name(failed), " after step ", failed.step(), ": ",
                    v1::GroupFailed::Cause_Name(failed.cause()), " ", failed.reason());
  } else if (message.has_evaluation_shard_done()) {
    const v1::EvaluationShardDone& done = message.evaluation_shard_done();
    absl::StrAppend(&text, "scored ", done.evaluation_id(), " ", done.shard());
  } else if (message.has_evaluation_shard_failed()) {
    const v1::EvaluationShardFailed& failed = message.evaluation_shard_failed();
    absl::StrAppend(&text, "not scored ", failed.evaluation_id(), " ", failed.shard(), ": ",
                    failed.reason());
  } else {
    absl::StrAppend(&text, "leaving");
  }
  return text;
}

}  // namespace outerloop::worker
