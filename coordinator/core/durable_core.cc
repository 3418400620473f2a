#include "coordinator/core/durable_core.h"

#include <iterator>
#include <utility>

#include "common/status_macros.h"

namespace outerloop::coordinator {

absl::Status DurableCore::Restore(const Remembered& remembered, absl::Time now) {
  Add(core_.Restore(remembered, now));
  return Flush();
}

void DurableCore::Apply(std::span<const Event> events, absl::Time now) {
  for (const Event& event : events) Add(core_.Apply(event, now));
  Settle();
}

std::vector<absl::StatusOr<std::string>> DurableCore::Serve(std::span<const Decide> requests,
                                                            absl::Time now) {
  std::vector<absl::StatusOr<std::string>> answers;
  while (answers.size() < requests.size()) {
    Round round;
    const size_t first = answers.size();
    while (answers.size() < requests.size() && !round.closed) {
      answers.push_back(Join(requests[answers.size()], round, now));
    }
    if (round.empty) continue;
    const absl::Status done = Conclude(round, now);
    for (size_t i = first; i < answers.size(); ++i) {
      if (!done.ok() && answers[i].ok()) answers[i] = done;
    }
  }
  return answers;
}

absl::StatusOr<std::string> DurableCore::Join(const Decide& decide, Round& round, absl::Time now) {
  ASSIGN_OR_RETURN(Decision decision, decide(core_));
  round.empty = false;
  if (!decision.event.has_value()) return std::move(decision.id);
  const auto* submitted = std::get_if<JobAdmitted>(&*decision.event);
  if (submitted != nullptr) {
    core_.Announce(submitted->job);
  } else if (const Job* job = core_.FindJob(decision.id); job != nullptr && job->announced) {
    return absl::UnavailableError("job " + decision.id + " is only being submitted; try again");
  } else if (decision.durable_first.empty()) {
    Add(core_.Hear(*decision.event, now));
    return std::move(decision.id);
  }
  // Later requests may find a job that is not durable yet, but know nothing of other records.
  round.closed = submitted == nullptr;
  std::move(decision.durable_first.begin(), decision.durable_first.end(),
            std::back_inserter(round.durable_first));
  round.events.push_back(*std::move(decision.event));
  return std::move(decision.id);
}

absl::Status DurableCore::Conclude(const Round& round, absl::Time now) {
  absl::Status durable = absl::OkStatus();
  if (!round.durable_first.empty()) durable = CommitWith(round.durable_first);
  for (const Event& event : round.events) {
    if (durable.ok()) {
      Add(core_.Hear(event, now));
    } else if (const auto* submitted = std::get_if<JobAdmitted>(&event)) {
      core_.Withdraw(submitted->job.job_id);
    }
  }
  Add(core_.Attend(now));
  RETURN_IF_ERROR(durable);
  return Flush();
}

absl::Status DurableCore::CommitWith(const std::vector<Write>& writes) {
  std::vector<Write> batch = pending_;
  batch.insert(batch.end(), writes.begin(), writes.end());
  RETURN_IF_ERROR(edges_.Commit(batch));
  pending_.clear();
  urgent_ = false;
  for (const std::string& sha256 : std::exchange(dropped_files_, {})) edges_.Drop(sha256);
  return absl::OkStatus();
}

void DurableCore::Add(Effects effects) {
  edges_.Note(effects);
  std::move(effects.deferred_writes.begin(), effects.deferred_writes.end(),
            std::back_inserter(pending_));
  std::move(effects.writes.begin(), effects.writes.end(), std::back_inserter(pending_));
  std::move(effects.messages.begin(), effects.messages.end(), std::back_inserter(messages_));
  std::move(effects.dropped_files.begin(), effects.dropped_files.end(),
            std::back_inserter(dropped_files_));
  urgent_ = urgent_ || !effects.writes.empty();
  changed_jobs_.merge(effects.changed_jobs);
  workers_changed_ = workers_changed_ || effects.workers_changed;
}

void DurableCore::Settle() {
  if (urgent_) {
    Flush().IgnoreError();  // Tried again with the next flush.
  } else {
    SendMessages();
  }
}

absl::Status DurableCore::Flush() {
  if (!pending_.empty()) RETURN_IF_ERROR(CommitWith({}));
  SendMessages();
  Publish();
  return absl::OkStatus();
}

void DurableCore::SendMessages() {
  while (!messages_.empty()) {
    const Message message = std::move(messages_.front());
    messages_.pop_front();
    edges_.Send(core_, message);
  }
}

void DurableCore::Publish() {
  const bool workers = std::exchange(workers_changed_, false);
  if (changed_jobs_.empty() && !workers) return;
  edges_.Publish(core_, std::exchange(changed_jobs_, {}), workers);
}

}  // namespace outerloop::coordinator
