#include "coordinator/service/recovery_clock.h"

namespace outerloop::coordinator {

bool RecoveryClock::IsBroken(const std::string& job_id) const {
  const auto recovery = recoveries_.find(job_id);
  return recovery != recoveries_.end() && !recovery->second.started.has_value();
}

void RecoveryClock::Broke(const std::string& job_id, absl::Time now) {
  if (!IsBroken(job_id)) recoveries_[job_id] = {.broke = now, .started = std::nullopt};
}

std::optional<absl::Duration> RecoveryClock::Started(const std::string& job_id, absl::Time now) {
  if (!IsBroken(job_id)) return std::nullopt;
  Recovery& recovery = recoveries_[job_id];
  recovery.started = now;
  return now - recovery.broke;
}

std::optional<absl::Duration> RecoveryClock::Stepped(const std::string& job_id, absl::Time now) {
  const auto recovery = recoveries_.find(job_id);
  if (recovery == recoveries_.end() || !recovery->second.started.has_value()) return std::nullopt;
  const absl::Duration taken = now - *recovery->second.started;
  recoveries_.erase(recovery);
  return taken;
}

}  // namespace outerloop::coordinator
