// How long jobs stand still when their group breaks.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_RECOVERY_CLOCK_H_
#define OUTERLOOP_COORDINATOR_SERVICE_RECOVERY_CLOCK_H_

#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"

namespace outerloop::coordinator {

// Follows each job from the moment its group broke to that when the next one starts (`regroup`),
// and from there to the next step that is recorded (`resume`). Thread-compatible.
class RecoveryClock {
 public:
  // Nothing if it is broken already and has not started since.
  void Broke(const std::string& job_id, absl::Time now);
  // The time since it broke; nothing if it has not, or had started before.
  std::optional<absl::Duration> Started(const std::string& job_id, absl::Time now);
  // The time since it started after it broke; nothing if that has been said, or it has not.
  std::optional<absl::Duration> Stepped(const std::string& job_id, absl::Time now);
  // It goes on, or never will, without a start.
  void Forget(const std::string& job_id) { recoveries_.erase(job_id); }
  bool IsBroken(const std::string& job_id) const;

 private:
  struct Recovery {
    absl::Time broke;
    std::optional<absl::Time> started;
  };
  std::map<std::string, Recovery> recoveries_;  // By job.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_RECOVERY_CLOCK_H_
