// Workers that come, go, and fail.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "coordinator/core/core.h"
#include "coordinator/core/job_event.h"

namespace outerloop::coordinator {

void Core::On(const WorkerConnected& event) {
  if (const auto old = pool_.SessionOf(event.worker_id); old.has_value()) {
    CloseWorker(*old, RecoveryCause::kConnection,
                absl::AbortedError("the worker has connected again"));
  }
  if (event.held.has_value()) RecordHeld(event.worker_id, *event.held);
  Worker& worker = pool_.Add(event, now_);
  worker.set_aside = probation_.Until(worker.label) > now_;
  worker.late = busy_.contains(event.worker_id);
  attention_ = true;
  effects_.workers_changed = true;
  Log(absl::StrFormat("worker %s on %s connected as session %d", event.worker_id, event.host,
                      event.session));
  if (event.held.has_value() && event.held->generation != 0 && !IsAwaited(*event.held)) {
    // It goes on in a group that is no more.
    Send(event.session, SendLeaveGroup{event.held->job_id, event.held->generation});
  }
}

void Core::On(const WorkerLost& event) {
  LoseWorker(event.session, RecoveryCause::kConnection, "its connection ended");
}

void Core::LoseWorker(SessionId session, RecoveryCause cause, const std::string& why) {
  Worker* worker = pool_.Find(session);
  if (worker == nullptr) return;
  const std::string worker_id = worker->info.worker_id;
  const std::string job_id = worker->job_id;
  // A worker that dies before it has got anything done may do so again and again.
  const bool fruitless = !job_id.empty() && worker->proven_job != job_id;
  if (cause == RecoveryCause::kStuck || fruitless) CountFailure(*worker, why);
  Log(absl::StrFormat("worker %s (session %d) is gone", worker_id, session));
  if (!worker->evaluation_id.empty()) {
    for (EvaluationRun& run : runs_) run.TakeBack(session);
  }
  pool_.Remove(session);
  attention_ = true;
  effects_.workers_changed = true;
  Job* job = FindUnfinished(job_id);
  if (job != nullptr && job->group.has_value() && job->group->Has(session)) {
    LoseMember(*job, session, cause, absl::StrCat("worker ", worker_id, " was lost"));
  }
}

void Core::CloseWorker(SessionId session, RecoveryCause cause, const absl::Status& why) {
  Send(session, CloseSession{why});
  LoseWorker(session, cause, std::string(why.message()));
}

void Core::CountFailure(Worker& worker, const std::string& why) {
  probation_.Fail(worker.label, why, now_);
  worker.set_aside = probation_.Until(worker.label) > now_;
  effects_.workers_changed = true;
  if (!worker.set_aside) return;
  Log(absl::StrCat("worker ", worker.info.worker_id, " is set aside for ",
                   absl::FormatDuration(probation_.Until(worker.label) - now_), ": it ",
                   probation_.Why(worker.label)));
}

void Core::On(const WorkerLeaving& event) {
  Worker* worker = pool_.Find(event.session);
  if (worker == nullptr || worker->leaving) return;
  worker->leaving = true;
  effects_.workers_changed = true;
  Log(absl::StrCat("worker ", worker->info.worker_id, " wants to stop"));
  Job* job = FindUnfinished(worker->job_id);
  if (job == nullptr || !job->group.has_value()) return;
  Tell(*job, MakeEvent(v1::JobEvent::WORKER_LEFT, std::vector{worker->info.worker_id}));
  if (job->group->phase() == Group::Phase::kForming) return Regroup(*job);
  job->group->Drain();
  AdvanceGroup(*job);
}

bool Core::IsAvailable(const Worker& worker) const {
  return worker.idle() && !worker.leaving && !worker.late && !worker.set_aside &&
         !awaited_.contains(worker.info.worker_id);
}

}  // namespace outerloop::coordinator
