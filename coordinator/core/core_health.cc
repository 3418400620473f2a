// Whether workers live, from what is heard of them.
#include "absl/strings/str_cat.h"
#include "coordinator/core/core.h"

namespace outerloop::coordinator {

void Core::On(const HeartbeatReceived& event) {
  if (Worker* worker = pool_.Find(event.session)) worker->health.Beat(event, now_);
}

void Core::On(const WorkerLeaving& event) {}

void Core::On(const Tick&) {
  const bool was_held_up = now_ - last_tick_ > options_.longest_tick;
  last_tick_ = now_;
  if (was_held_up) {
    for (auto& [session, worker] : pool_.workers()) worker.health.Excuse(now_);
  }
  EndLeases();
}

void Core::EndLeases() {
  std::vector<SessionId> silent;
  for (const auto& [session, worker] : pool_.workers()) {
    if (worker.health.beats() && now_ - worker.health.heard() >= options_.lease) {
      silent.push_back(session);
    }
  }
  for (const SessionId session : silent) {
    const std::string why =
        absl::StrCat("nothing was heard from worker ", pool_.Find(session)->info.worker_id, " for ",
                     absl::FormatDuration(options_.lease), "; it counts as lost");
    effects_.log.push_back(why);
    Send(session, CloseSession{absl::DeadlineExceededError(why)});
    On(WorkerLost{session});
  }
}

}  // namespace outerloop::coordinator
