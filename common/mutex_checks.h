// Checks that Abseil's mutexes make as they are locked.
#ifndef OUTERLOOP_COMMON_MUTEX_CHECKS_H_
#define OUTERLOOP_COMMON_MUTEX_CHECKS_H_

namespace outerloop {

// Turns Abseil's deadlock detector off where this file is compiled as a release (NDEBUG). Debian's
// Abseil has it on; it takes one lock of the whole process with every lock of any mutex, those of
// gRPC included. Call before threads start.
void DisableMutexChecks();

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_MUTEX_CHECKS_H_
