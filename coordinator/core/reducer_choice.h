// Which reducer a group adds up with.
#ifndef OUTERLOOP_COORDINATOR_CORE_REDUCER_CHOICE_H_
#define OUTERLOOP_COORDINATOR_CORE_REDUCER_CHOICE_H_

#include <span>

#include "coordinator/core/event.h"

namespace outerloop::coordinator {

// Whether a worker can take part in a group that must use `asked`. AUTO and COORDINATOR suit all.
bool CanReduce(const WorkerConnected& worker, v1::Reducer asked);

// What a group of these members uses: `asked`, or for AUTO the fastest that all of them have, of
// NCCL, GLOO and COORDINATOR in this order. Never AUTO. The sums do not depend on it.
v1::Reducer ChooseReducer(v1::Reducer asked, std::span<const WorkerConnected* const> members);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_REDUCER_CHOICE_H_
