#include "tests/simulation/client_process.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/store/records.h"
#include "tests/simulation/coordinator_process.h"

namespace outerloop::simulation {
ClientProcess::ClientProcess(Cluster& cluster, int number, Errand errand)
    : Process(cluster.timeline),
      cluster_(cluster),
      name_(absl::StrCat("client", number)),
      errand_(std::move(errand)),
      link_(cluster.timeline, cluster.random.Next()) {}

void ClientProcess::Start() {
  Begin();
  ++open_errands_;
  After(errand_.submit_after, [this] { Submit(); });
}

void ClientProcess::Ask(const Request& request, const Answered& answered) {
  Call<std::string>(link_, *this, cluster_.coordinator,
                    {.deadline = absl::Seconds(2), .may_repeat = true}, request,
                    [this, request, answered](const absl::StatusOr<std::string>& answer) {
                      if (!IsWorthRetrying(answer.status())) return answered(answer);
                      After(cluster_.random.Between(absl::Milliseconds(20), absl::Seconds(1)),
                            [this, request, answered] { Ask(request, answered); });
                    });
}

void ClientProcess::Submit() {
  v1::JobSpec spec = errand_.spec;
  if (errand_.source != nullptr) spec.mutable_start_from()->set_job(errand_.source->job_id());
  Ask(
      [this, spec](const Reply<std::string>& reply) {
        cluster_.coordinator.Submit(absl::StrCat(name_, "-submit"), spec, errand_.hold_step, reply);
      },
      [this](const absl::StatusOr<std::string>& job_id) {
        if (job_id.ok()) return ActOn(*job_id);
        if (deleting_) return;  // Asked once more, after all is over.
        if (errand_.source == nullptr) throw Violation("refused: " + job_id.status().ToString());
        // There is no such job or checkpoint yet, and perhaps there never will be.
        if (errand_.source->has_seen_end()) {
          --open_errands_;
        } else {
          After(absl::Milliseconds(300), [this] { Submit(); });
        }
      });
}

void ClientProcess::ActOn(const std::string& job_id) {
  cluster_.referee.Submitted(name_, job_id);
  if (!std::exchange(job_id_, job_id).empty()) return;
  cluster_.trace.Note("%s: has submitted %s", name_, job_id_);
  --open_errands_;
  cursor_ = cluster_.referee.ReferenceOf(job_id).first_step();
  awaits_hold_ = errand_.hold_step > 0;
  if (awaits_hold_) ++open_errands_;
  Watch();
  if (cluster_.random.Chance(0.2)) Submit();
  if (errand_.pause_after) {
    ++open_errands_;
    After(*errand_.pause_after, [this] { PauseJob(); });
  }
  if (errand_.priority_after) {
    ++open_errands_;
    After(*errand_.priority_after, [this] { SetPriority(); });
  }
  if (errand_.cancel_after) {
    ++open_errands_;
    After(*errand_.cancel_after, [this] { Cancel(); });
  }
  if (errand_.evaluate_after) {
    ++open_errands_;
    After(*errand_.evaluate_after, [this] { Evaluate(); });
  }
}

void ClientProcess::PauseJob() {
  Ask(
      [this](const Reply<std::string>& reply) {
        cluster_.coordinator.PauseJob(absl::StrCat(name_, "-pause"), job_id_, reply);
      },
      [this](const absl::StatusOr<std::string>& answer) {
        cluster_.trace.Note("%s: pause of %s: %s", name_, job_id_, answer.status().ToString());
        if (!answer.ok()) return void(--open_errands_);
        if (!cancelling_) cluster_.referee.Paused(job_id_);
        // Often before it stands still, often after.
        After(cluster_.random.Exponential(absl::Seconds(2)), [this] { EndPause(); });
      });
}

void ClientProcess::EndPause() {
  // Nobody wants a job that he is about to cancel to go on.
  if (cancelling_) return void(--open_errands_);
  ending_pause_ = true;
  cluster_.referee.EndingPause(job_id_);
  Ask(
      [this](const Reply<std::string>& reply) {
        cluster_.coordinator.Resume(absl::StrCat(name_, "-end-pause"), job_id_, reply);
      },
      [this](const absl::StatusOr<std::string>& answer) {
        cluster_.trace.Note("%s: end of the pause of %s: %s", name_, job_id_,
                            answer.status().ToString());
        --open_errands_;
        ending_pause_ = false;
        if (!answer.ok()) return;
        cluster_.referee.EndedPause(job_id_);
        if (cluster_.random.Chance(0.3)) RepeatPause();
      });
}

void ClientProcess::RepeatPause() {
  ++open_errands_;
  Ask(
      [this](const Reply<std::string>& reply) {
        cluster_.coordinator.PauseJob(absl::StrCat(name_, "-pause"), job_id_, reply);
      },
      [this](const absl::StatusOr<std::string>&) { --open_errands_; });
}

void ClientProcess::FollowHold(const v1::Job& job) {
  const bool held = job.state() == v1::PAUSED && job.step() == errand_.hold_step;
  if (!awaits_hold_ || !(held || ended_)) return;
  awaits_hold_ = false;
  if (ended_) return void(--open_errands_);
  After(cluster_.random.Exponential(absl::Seconds(1)), [this] { Release(/*again=*/false); });
}

void ClientProcess::Release(bool again) {
  cluster_.referee.Releasing(job_id_);
  Ask(
      [this](const Reply<std::string>& reply) {
        cluster_.coordinator.Release(absl::StrCat(name_, "-release"), job_id_, reply);
      },
      [this, again](const absl::StatusOr<std::string>& answer) {
        cluster_.trace.Note("%s: release of %s: %s", name_, job_id_, answer.status().ToString());
        if (!again && answer.ok() && cluster_.random.Chance(0.3)) return Release(/*again=*/true);
        --open_errands_;
      });
}

void ClientProcess::SetPriority() {
  cluster_.referee.ChangingPriority(job_id_);
  Ask(
      [this](const Reply<std::string>& reply) {
        cluster_.coordinator.SetPriority(absl::StrCat(name_, "-priority"), job_id_,
                                         errand_.priority, reply);
      },
      [this](const absl::StatusOr<std::string>& answer) {
        --open_errands_;
        cluster_.trace.Note("%s: priority of %s: %s", name_, job_id_, answer.status().ToString());
        if (answer.ok()) cluster_.referee.ChangedPriority(job_id_, errand_.priority);
      });
}

void ClientProcess::Delete(int tries) {
  const auto again = [this, tries] {
    if (tries == 0) return void(--open_errands_);
    After(absl::Milliseconds(500), [this, tries] { Delete(tries - 1); });
  };
  if (open_errands_ > 1) return again();
  Ask(
      [this](const Reply<std::string>& reply) {
        cluster_.coordinator.Delete(absl::StrCat(name_, "-delete"), job_id_, reply);
      },
      [this, again](const absl::StatusOr<std::string>& answer) {
        cluster_.trace.Note("%s: deletion of %s: %s", name_, job_id_, answer.status().ToString());
        if (!answer.ok()) return again();
        --open_errands_;
        cluster_.referee.Deleted(job_id_);
      });
}

void ClientProcess::Cancel() {
  if (ending_pause_) return After(absl::Milliseconds(300), [this] { Cancel(); });
  cancelling_ = true;
  Ask([this](const Reply<std::string>& reply) { cluster_.coordinator.Cancel(job_id_, reply); },
      [this](const absl::StatusOr<std::string>& answer) {
        cluster_.trace.Note("%s: cancel of %s: %s", name_, job_id_, answer.status().ToString());
        --open_errands_;
        cancelling_ = answer.ok();
        if (!answer.ok()) return;
        cluster_.referee.Cancelled(job_id_);
        if (!errand_.resume) return;
        ++open_errands_;
        After(cluster_.random.Exponential(absl::Seconds(1)), [this] { Resume(); });
      });
}

void ClientProcess::Resume() {
  cluster_.referee.Resuming(job_id_);
  Ask(
      [this](const Reply<std::string>& reply) {
        cluster_.coordinator.Resume(absl::StrCat(name_, "-resume"), job_id_, reply);
      },
      [this](const absl::StatusOr<std::string>& answer) {
        cluster_.trace.Note("%s: resume of %s: %s", name_, job_id_, answer.status().ToString());
        --open_errands_;
        ended_ = false;
        Watch();
      });
}

void ClientProcess::Evaluate() {
  v1::EvaluationSpec spec;
  spec.set_tasks(5);
  Ask(
      [this, spec](const Reply<std::string>& reply) {
        cluster_.coordinator.Evaluate(absl::StrCat(name_, "-evaluate"), job_id_, spec, reply);
      },
      [this](const absl::StatusOr<std::string>& answer) {
        --open_errands_;
        cluster_.trace.Note("%s: evaluation of %s: %s", name_, job_id_, answer.status().ToString());
      });
}

void ClientProcess::Watch() {
  const uint64_t number = ++watches_;
  const auto again = [this, number] {
    if (ended_ || number != watches_) return;
    After(cluster_.random.Between(absl::Milliseconds(20), absl::Seconds(1)), [this, number] {
      if (number == watches_) Watch();
    });
  };
  if (!cluster_.coordinator.alive()) return again();
  const std::shared_ptr<Stream> stream = Stream::Make(link_, *this, cluster_.coordinator);
  stream->SetOnEnd(kClient, [again](const absl::Status&) { again(); });
  const auto show = [this, number](const v1::WatchJobResponse& response) {
    if (number != watches_) return;
    cluster_.referee.Watching(cursor_, response);
    if (!response.steps().empty()) cursor_ = response.steps().rbegin()->step();
    ended_ = coordinator::IsFinal(response.job().state());
    FollowHold(response.job());
    if (!ended_ || !errand_.remove || std::exchange(deleting_, true)) return;
    ++open_errands_;
    After(cluster_.random.Exponential(absl::Seconds(1)), [this] { Delete(/*tries=*/40); });
  };
  const bool repeats = cluster_.mutation == Mutation::kWatchRepeats && cursor_ > 0;
  const uint64_t after_step = repeats ? cursor_ - 1 : cursor_;
  stream->Send(kClient, [&coordinator = cluster_.coordinator, stream = stream.get(),
                         job_id = job_id_, after_step, show] {
    coordinator.Watch(stream->shared_from_this(), job_id, after_step, show);
  });
}

}  // namespace outerloop::simulation
