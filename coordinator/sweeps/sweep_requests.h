// What a sweep asks of the state machine, as requests to it.
#ifndef OUTERLOOP_COORDINATOR_SWEEPS_SWEEP_REQUESTS_H_
#define OUTERLOOP_COORDINATOR_SWEEPS_SWEEP_REQUESTS_H_

#include "absl/time/time.h"
#include "coordinator/core/durable_core.h"
#include "coordinator/sweeps/advance.h"
#include "outerloop/v1/sweep.pb.h"

namespace outerloop::coordinator {

// The request that carries `action` of `sweep` out at the time `now`. Repeated, it has its first
// effect only. NOT_FOUND, FAILED_PRECONDITION or INVALID_ARGUMENT, as core/requests.h has them,
// mean that it will never be possible; cancelling always is.
Decide RequestOf(const v1::Sweep& sweep, const SweepAction& action, absl::Time now);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SWEEPS_SWEEP_REQUESTS_H_
