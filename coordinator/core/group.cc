#include "coordinator/core/group.h"

#include <algorithm>
#include <utility>

namespace outerloop::coordinator {

Group::Group(uint64_t generation, std::vector<SessionId> members, v1::Reducer reducer)
    : generation_(generation),
      members_(std::move(members)),
      reducer_(reducer),
      states_(members_.size()) {
  for (uint32_t rank = 0; rank < size(); ++rank) ranks_[members_[rank]] = rank;
}

bool Group::MarkReady(SessionId session, std::optional<uint64_t> held_step, std::string endpoint) {
  const auto rank = ranks_.find(session);
  if (phase_ != Phase::kForming || rank == ranks_.end()) return false;
  Member& member = states_[rank->second];
  if (!member.ready) ++ready_;
  member = {true, held_step, std::move(endpoint)};
  return ready_ == size();
}

std::shared_ptr<const std::vector<std::string>> Group::endpoints() const {
  if (reducer_ == v1::COORDINATOR) return nullptr;
  auto endpoints = std::make_shared<std::vector<std::string>>();
  for (const Member& member : states_) endpoints->push_back(member.endpoint);
  return endpoints;
}

StartPoint Group::Start(const std::optional<CheckpointRecord>& checkpoint) {
  StartPoint start;
  if (checkpoint.has_value()) {
    start = {StartPoint::Source::kCheckpoint, checkpoint->step, checkpoint->sha256, 0};
  }
  for (uint32_t rank = 0; rank < size(); ++rank) {
    const std::optional<uint64_t> held = states_[rank].held_step;
    if (!held.has_value()) continue;
    // A member at the checkpoint's own step saves the others a download.
    const bool further =
        start.source == StartPoint::Source::kMember ? *held > start.step : *held >= start.step;
    if (further) start = {StartPoint::Source::kMember, *held, "", rank};
  }
  for (Member& member : states_) member.done = start.step;
  at_step_ = {{start.step, size()}};
  planned_ = start.step;
  phase_ = Phase::kRunning;
  start_ = start;
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
  const auto rank = ranks_.find(session);
  if (rank == ranks_.end() || at_step_.empty()) return Report::kUnexpected;
  Member& member = states_[rank->second];
  if (step != member.done + 1 || step > planned_) return Report::kUnexpected;
  if (!parameters_sha256.empty() &&
      digests_.try_emplace(step, parameters_sha256).first->second != parameters_sha256) {
    return Report::kMismatch;
  }
  if (--at_step_[member.done] == 0) at_step_.erase(member.done);
  ++at_step_[step];
  member.done = step;
  digests_.erase(digests_.begin(), digests_.upper_bound(finished()));
  return Report::kAccepted;
}

void Group::Drain() {
  if (phase_ == Phase::kRunning) phase_ = Phase::kDraining;
}

}  // namespace outerloop::coordinator
