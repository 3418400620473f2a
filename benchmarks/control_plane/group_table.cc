#include "benchmarks/control_plane/group_table.h"

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace outerloop::control_plane {

std::shared_ptr<SimulatedGroup> GroupTable::Enter(const v1::StartGroup& start,
                                                  GroupMember* member) {
  absl::MutexLock lock(&mu_);
  std::shared_ptr<SimulatedGroup>& group = present_[start.job_id()];
  if (group == nullptr || group->generation() < start.generation()) {
    if (group != nullptr) group->End();
    group = std::make_shared<SimulatedGroup>(start, options_, clock_, measurements_);
  }
  if (group->generation() == start.generation() && group->Enter(member)) {
    started_[start.job_id()] = {start.generation(), start.size(), absl::Now()};
  }
  return group;
}

absl::StatusOr<GroupTable::Started> GroupTable::AwaitStart(const std::string& job_id,
                                                           uint64_t generation, uint32_t size,
                                                           absl::Time deadline) {
  absl::MutexLock lock(&mu_);
  const auto started = [&]() ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    const auto latest = started_.find(job_id);
    return latest != started_.end() && latest->second.generation > generation &&
           latest->second.size >= size;
  };
  if (mu_.AwaitWithDeadline(absl::Condition(&started), deadline)) return started_.at(job_id);
  return absl::DeadlineExceededError(
      absl::StrFormat("job %s: no generation after %d with %d members has started in time", job_id,
                      generation, size));
}

uint64_t GroupTable::StartedMembers() const {
  uint64_t members = 0;
  for (const auto& [job_id, started] : started_) members += started.size;
  return members;
}

absl::Status GroupTable::AwaitMembers(uint64_t members, absl::Time deadline) {
  absl::MutexLock lock(&mu_);
  const auto all = [&]() ABSL_SHARED_LOCKS_REQUIRED(mu_) { return StartedMembers() == members; };
  if (mu_.AwaitWithDeadline(absl::Condition(&all), deadline)) return absl::OkStatus();
  return absl::DeadlineExceededError(absl::StrFormat(
      "only %d of %d workers are members of a started group", StartedMembers(), members));
}

}  // namespace outerloop::control_plane
