#include "coordinator/core/reducer_choice.h"

#include <algorithm>

namespace outerloop::coordinator {

bool CanReduce(const WorkerConnected& worker, v1::Reducer asked) {
  if (asked != v1::GLOO && asked != v1::NCCL) return true;
  return std::count(worker.reducers.begin(), worker.reducers.end(), asked) > 0;
}

v1::Reducer ChooseReducer(v1::Reducer asked, std::span<const WorkerConnected* const> members) {
  const auto all_have = [&](v1::Reducer reducer) {
    return std::all_of(members.begin(), members.end(),
                       [&](const WorkerConnected* member) { return CanReduce(*member, reducer); });
  };
  if (asked != v1::AUTO && asked != v1::REDUCER_UNSPECIFIED) return asked;
  for (const v1::Reducer reducer : {v1::NCCL, v1::GLOO}) {
    if (all_have(reducer)) return reducer;
  }
  return v1::COORDINATOR;
}

}  // namespace outerloop::coordinator
