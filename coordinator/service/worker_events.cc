#include "coordinator/service/worker_events.h"

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace outerloop::coordinator {
namespace {

Held ToHeld(const v1::HeldState& held) {
  return {held.job_id(),
          held.step(),
          {held.recent().begin(), held.recent().end()},
          held.generation(),
          held.planned_step(),
          absl::BytesToHexString(held.parameters_sha256()),
          held.resumed_generation()};
}

HeartbeatReceived ToEvent(SessionId session, const v1::Heartbeat& heartbeat) {
  return {session, heartbeat.progress(), heartbeat.phase(), heartbeat.step()};
}

MemberReady ToEvent(SessionId session, const v1::Ready& ready) {
  return {session, ready.job_id(), ready.generation(),
          ready.has_held_step() ? std::make_optional(ready.held_step()) : std::nullopt,
          ready.endpoint()};
}

StepFinished ToEvent(SessionId session, const v1::StepDone& done) {
  StepFinished event{session,
                     done.job_id(),
                     done.generation(),
                     absl::BytesToHexString(done.parameters_sha256()),
                     done.metrics(),
                     done.tasks(),
                     done.adapt_seconds()};
  event.metrics.set_step(done.step());
  return event;
}

ShardScored ToEvent(SessionId session, const v1::EvaluationShardDone& done) {
  return {session,
          {done.evaluation_id(), done.shard(), {done.series().begin(), done.series().end()}},
          {done.samples().begin(), done.samples().end()}};
}

MemberFailed ToEvent(SessionId session, const v1::GroupFailed& failed) {
  return {session, failed.job_id(), failed.generation(), failed.reason(), failed.cause()};
}

ShardFailed ToEvent(SessionId session, const v1::EvaluationShardFailed& failed) {
  return {session, failed.evaluation_id(), failed.shard(), failed.reason()};
}

}  // namespace

WorkerConnected ToEvent(SessionId session, const v1::Hello& hello) {
  WorkerConnected event;
  event.session = session;
  event.worker_id = hello.worker_id();
  event.name = hello.name().empty() ? hello.worker_id() : hello.name();
  event.host = hello.host();
  event.pid = hello.pid();
  event.threads = hello.threads();
  event.numerics = hello.numerics();
  if (hello.has_held()) event.held = ToHeld(hello.held());
  for (const int reducer : hello.reducers()) {
    event.reducers.push_back(static_cast<v1::Reducer>(reducer));
  }
  return event;
}

absl::StatusOr<Event> ToEvent(SessionId session, const v1::WorkerMessage& message) {
  switch (message.kind_case()) {
    case v1::WorkerMessage::kReady:
      return ToEvent(session, message.ready());
    case v1::WorkerMessage::kStepDone:
      return ToEvent(session, message.step_done());
    case v1::WorkerMessage::kGroupFailed:
      return ToEvent(session, message.group_failed());
    case v1::WorkerMessage::kEvaluationShardDone:
      return ToEvent(session, message.evaluation_shard_done());
    case v1::WorkerMessage::kEvaluationShardFailed:
      return ToEvent(session, message.evaluation_shard_failed());
    case v1::WorkerMessage::kHeartbeat:
      return ToEvent(session, message.heartbeat());
    case v1::WorkerMessage::kLeaving:
      return WorkerLeaving{session};
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("unexpected message of kind ", message.kind_case()));
  }
}

}  // namespace outerloop::coordinator
