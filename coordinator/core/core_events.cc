// What clients are told of a job's life.
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/core/core.h"
#include "coordinator/core/job_event.h"

namespace outerloop::coordinator {
namespace {

const char* NameOf(RecoveryCause cause) {
  for (const auto& [known, name] : kRecoveryCauses) {
    if (known == cause) return name;
  }
  return "";
}

}  // namespace

void Core::Tell(Job& job, v1::JobEvent event) {
  event.set_number(++job.events);
  SetTimestamp(now_, event.mutable_time());
  event.set_step(job.record.step);
  event.set_generation(job.record.generation);
  if (IsAskedFor(event.kind())) event.set_by(asker_);
  job.last_event = event.kind();
  effects_.changed_jobs.insert(job.record.job_id);
  SaveSoon(EventRecord{job.record.job_id, std::move(event)});
}

void Core::Tell(Job& job, v1::JobEvent::Kind kind, const std::string& text) {
  Tell(job, MakeEvent(kind, text));
}

void Core::TellOnce(Job& job, v1::JobEvent::Kind kind, const std::string& text) {
  if (job.last_event != kind) Tell(job, kind, text);
}

void Core::TellState(Job& job, v1::JobState before) {
  const auto kind = KindOfChange(before, job.record.state, job.at_hold());
  if (kind.has_value()) Tell(job, *kind, job.record.reason);
}

void Core::TellGroup(Job& job, const std::vector<std::string>& before) {
  const std::set<std::string> known(before.begin(), before.end());
  std::vector<std::string> joined;
  for (const std::string& worker_id : job.record.members) {
    if (!known.contains(worker_id)) joined.push_back(worker_id);
  }
  const bool had_group = !before.empty();
  if (had_group && !joined.empty()) Tell(job, MakeEvent(v1::JobEvent::WORKER_JOINED, joined));
  v1::JobEvent formed = MakeEvent(v1::JobEvent::GROUP_FORMED,
                                  absl::StrCat("reducer ", v1::Reducer_Name(job.group->reducer())));
  formed.set_group_size(job.group->size());
  Tell(job, formed);
}

void Core::TellLoss(Job& job, RecoveryCause cause, const std::string& reason, SessionId lost) {
  v1::JobEvent event =
      MakeEvent(lost == 0 ? v1::JobEvent::GROUP_BROKEN : v1::JobEvent::WORKER_LOST, reason);
  event.set_cause(NameOf(cause));
  if (lost != 0) event.add_workers(job.record.members[job.group->RankOf(lost)]);
  Tell(job, event);
}

void Core::TellStep(Job& job, const v1::StepMetrics& metrics, bool first) {
  if (first) {
    v1::JobEvent event = MakeEvent(v1::JobEvent::FIRST_STEP, "");
    event.set_seconds(absl::ToDoubleSeconds(now_ - job.record.created));
    Tell(job, event);
  }
  if (metrics.skipped()) {
    TellOnce(job, v1::JobEvent::STEP_SKIPPED,
             absl::StrCat("step ", metrics.step(), " was not finite"));
  }
  const bool trains = job.group.has_value() && (job.group->phase() == Group::Phase::kRunning ||
                                                job.group->phase() == Group::Phase::kDraining);
  // What comes before the next group has started was computed by the one that broke.
  if (!trains || !job.broke.has_value()) return;
  v1::JobEvent event = MakeEvent(v1::JobEvent::RECOVERED, "");
  event.set_seconds(absl::ToDoubleSeconds(now_ - *std::exchange(job.broke, std::nullopt)));
  Tell(job, event);
}

}  // namespace outerloop::coordinator
