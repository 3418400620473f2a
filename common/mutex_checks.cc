#include "common/mutex_checks.h"

#include "absl/synchronization/mutex.h"

namespace outerloop {

void DisableMutexChecks() {
#ifdef NDEBUG
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
}

}  // namespace outerloop
