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

Group Group::Adopt(uint64_t generation, std::vector<SessionId> members, v1::Reducer reducer,
                   const std::vector<uint64_t>& done, uint64_t planned) {
  Group group(generation, std::move(members), reducer);
  for (uint32_t rank = 0; rank < group.size(); ++rank) {
    group.states_[rank].first = group.states_[rank].done = done[rank];
    ++group.at_step_[done[rank]];
  }
  group.planned_ = planned;
  group.phase_ = Phase::kRunning;
  return group;
}

Group::Member* Group::Find(SessionId session) {
  const auto rank = ranks_.find(session);
  return rank == ranks_.end() ? nullptr : &states_[rank->second];
}

// ---- Forming

bool Group::MarkReady(SessionId session, std::optional<uint64_t> held_step, std::string endpoint) {
  Member* member = Find(session);
  if (phase_ != Phase::kForming || member == nullptr) return false;
  if (!member->ready) ++ready_;
  member->ready = true;
  member->held_step = held_step;
  member->endpoint = std::move(endpoint);
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
  for (Member& member : states_) member.first = member.done = start.step;
  at_step_ = {{start.step, size()}};
  planned_ = start.step;
  phase_ = Phase::kRunning;
  start_ = start;
  return start;
}

// ---- Running

std::vector<uint64_t> Group::PlanSteps(uint64_t window, uint64_t last) {
  std::vector<uint64_t> steps;
  if (phase_ != Phase::kRunning && phase_ != Phase::kDraining) return steps;
  if (phase_ == Phase::kDraining) last = std::min(last, last_);
  const uint64_t end = std::min(last, finished() + window);
  while (planned_ < end) steps.push_back(++planned_);
  return steps;
}

void Group::NoteDealt(const std::vector<uint64_t>& steps, std::vector<uint32_t> shards) {
  const auto shared = std::make_shared<const std::vector<uint32_t>>(std::move(shards));
  for (const uint64_t step : steps) dealt_[step] = shared;
}

std::optional<uint32_t> Group::DealtTo(SessionId member, uint64_t step) const {
  const auto shards = dealt_.find(step);
  if (shards == dealt_.end()) return std::nullopt;
  return shards->second->at(ranks_.at(member));
}

Group::Report Group::MarkDone(SessionId session, uint64_t step,
                              const std::string& parameters_sha256) {
  Member* member = Find(session);
  if (member == nullptr || at_step_.empty()) return Report::kUnexpected;
  if (step != member->done + 1 || step > planned_) return Report::kUnexpected;
  if (--at_step_[member->done] == 0) at_step_.erase(member->done);
  ++at_step_[step];
  member->done = step;
  Report report = Report::kAccepted;
  if (!parameters_sha256.empty()) {
    Ballot& ballot = ballots_.try_emplace(step, Ballot{parameters_sha256, {}}).first->second;
    if (ballot.digest != parameters_sha256) {
      ballot.otherwise[ranks_.at(session)] = parameters_sha256;
      report = Report::kMismatch;
    }
  }
  if (report == Report::kMismatch && phase_ != Phase::kDisputed) {
    phase_ = Phase::kDisputed;
    disputed_step_ = step;
  }
  dealt_.erase(dealt_.begin(), dealt_.upper_bound(finished()));
  const uint64_t agreed = phase_ == Phase::kDisputed ? disputed_step_ - 1 : finished();
  ballots_.erase(ballots_.begin(), ballots_.upper_bound(std::min(agreed, finished())));
  return report;
}

void Group::DrainAfter(uint64_t step) {
  if (phase_ != Phase::kRunning && phase_ != Phase::kDraining) return;
  phase_ = Phase::kDraining;
  last_ = std::max(step, planned_);
}

void Group::Break() {
  if (phase_ != Phase::kDisputed) phase_ = Phase::kBroken;
}

bool Group::HasWork(SessionId session) const {
  const auto rank = ranks_.find(session);
  if (rank == ranks_.end()) return false;
  const Member& member = states_[rank->second];
  return at_step_.empty() ? !member.ready : member.done < planned_;
}

// ---- Disputed

void Group::MarkGone(SessionId session) {
  if (Member* member = Find(session)) member->gone = true;
}

bool Group::settled() const {
  return std::all_of(states_.begin(), states_.end(), [this](const Member& member) {
    return member.gone || member.done >= disputed_step_;
  });
}

std::map<std::string, std::vector<uint32_t>> Group::digests() const {
  std::map<std::string, std::vector<uint32_t>> digests;
  const auto ballot = ballots_.find(disputed_step_);
  if (ballot == ballots_.end()) return digests;
  const auto& [digest, otherwise] = ballot->second;
  for (uint32_t rank = 0; rank < size(); ++rank) {
    if (states_[rank].first >= disputed_step_ || states_[rank].done < disputed_step_) continue;
    const auto other = otherwise.find(rank);
    digests[other == otherwise.end() ? digest : other->second].push_back(rank);
  }
  return digests;
}

}  // namespace outerloop::coordinator
