#include "coordinator/core/group.h"

#include <algorithm>

namespace outerloop::coordinator {

Group::Group(uint64_t generation, std::vector<SessionId> members)
    : generation_(generation), members_(std::move(members)) {}

bool Group::Has(SessionId session) const {
  return std::find(members_.begin(), members_.end(), session) != members_.end();
}

bool Group::MarkReady(SessionId session, std::optional<uint64_t> held_step) {
  if (phase_ == Phase::kForming && Has(session)) ready_[session] = held_step;
  return phase_ == Phase::kForming && ready_.size() == members_.size();
}

StartPoint Group::Start(const std::optional<CheckpointRecord>& checkpoint) {
  StartPoint start;
  if (checkpoint.has_value()) {
    start = {StartPoint::Source::kCheckpoint, checkpoint->step, checkpoint->sha256, 0};
  }
  for (uint32_t rank = 0; rank < size(); ++rank) {
    const std::optional<uint64_t> held = ready_.at(members_[rank]);
    if (!held.has_value()) continue;
    // A member at the checkpoint's own step saves the others a download.
    const bool further =
        start.source == StartPoint::Source::kMember ? *held > start.step : *held >= start.step;
    if (further) start = {StartPoint::Source::kMember, *held, "", rank};
  }
  for (const SessionId member : members_) done_[member] = start.step;
  planned_ = start.step;
  phase_ = Phase::kRunning;
  return start;
}

std::vector<uint64_t> Group::PlanSteps(uint64_t window, uint64_t last) {
  std::vector<uint64_t> steps;
  if (phase_ != Phase::kRunning) return steps;
  const uint64_t end = std::min(last, finished() + window);
  while (planned_ < end) steps.push_back(++planned_);
  return steps;
}

Group::Report Group::MarkDone(SessionId session, uint64_t step,
                              const std::string& parameters_sha256) {
  const auto done = done_.find(session);
  if (done == done_.end() || step != done->second + 1 || step > planned_) {
    return Report::kUnexpected;
  }
  Digest& digest = digests_.try_emplace(step, Digest{parameters_sha256}).first->second;
  if (digest.parameters_sha256 != parameters_sha256) return Report::kMismatch;
  done->second = step;
  if (++digest.reports == members_.size()) digests_.erase(step);
  return Report::kAccepted;
}

void Group::Drain() {
  if (phase_ == Phase::kRunning) phase_ = Phase::kDraining;
}

uint64_t Group::finished() const {
  uint64_t least = planned_;
  for (const auto& [member, step] : done_) least = std::min(least, step);
  return least;
}

}  // namespace outerloop::coordinator
