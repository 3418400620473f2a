#include "benchmarks/control_plane/simulated_group.h"

#include "absl/time/clock.h"

namespace outerloop::control_plane {

SimulatedGroup::SimulatedGroup(const v1::StartGroup& start, const GroupOptions& options,
                               AlarmClock& clock, GroupMeasurements& measurements)
    : job_id_(start.job_id()),
      generation_(start.generation()),
      size_(start.size()),
      options_(options),
      clock_(clock),
      measurements_(measurements),
      steps_(start.size(), start.step(), options.window) {}

bool SimulatedGroup::Enter(GroupMember* member) {
  absl::MutexLock lock(&mu_);
  members_.push_back(member);
  return members_.size() == size_;
}

void SimulatedGroup::TakePlan(uint64_t step, absl::Time received) {
  ++measurements_.plans;
  std::optional<absl::Time> due;
  bool begins = false;
  {
    absl::MutexLock lock(&mu_);
    if (ended_) return;
    due = steps_.DueSince(step);
    begins = steps_.AddPlan(step);
  }
  if (due == absl::InfiniteFuture()) {
    ++measurements_.early;
  } else if (due.has_value()) {
    measurements_.delivery.Add(received - *due);
  }
  if (begins) Begin(received);
}

void SimulatedGroup::Begin(absl::Time now) {
  clock_.At(now + options_.step_time, [weak = weak_from_this()] {
    if (const auto group = weak.lock()) group->FinishStep();
  });
}

void SimulatedGroup::FinishStep() {
  std::vector<GroupMember*> members;
  uint64_t step = 0;
  {
    absl::MutexLock lock(&mu_);
    if (ended_) return;
    members = members_;
    step = steps_.finished() + 1;
  }
  GroupMember* last = members.back();
  members.pop_back();
  for (GroupMember* member : members) member->Finish(step);
  // What follows is due once the coordinator has the last report, and not before.
  const absl::Time now = absl::Now();
  bool begins = false;
  {
    absl::MutexLock lock(&mu_);
    begins = steps_.Finish(now);
  }
  last->Finish(step);
  ++measurements_.steps;
  if (begins) Begin(now);
}

void SimulatedGroup::End() {
  absl::MutexLock lock(&mu_);
  ended_ = true;
}

}  // namespace outerloop::control_plane
