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

absl::StatusOr<std::string> DurableCore::Serve(const Decide& decide, absl::Time now) {
  ASSIGN_OR_RETURN(Decision decision, decide(core_));
  if (!decision.durable_first.empty()) RETURN_IF_ERROR(CommitWith(decision.durable_first));
  if (decision.event.has_value()) Add(core_.Apply(*decision.event, now));
  RETURN_IF_ERROR(Flush());
  return std::move(decision.id);
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
