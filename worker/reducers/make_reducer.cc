#include "worker/reducers/make_reducer.h"

#include "worker/reducers/coordinator_reducer.h"
#include "worker/reducers/solo_reducer.h"

namespace outerloop::worker {

std::unique_ptr<Reducer> MakeReducer(const std::shared_ptr<grpc::Channel>& channel,
                                     const v1::ReduceHeader& header) {
  if (header.size() == 1) return std::make_unique<SoloReducer>();
  return std::make_unique<CoordinatorReducer>(channel, header);
}

}  // namespace outerloop::worker
