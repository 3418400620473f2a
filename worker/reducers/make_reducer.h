// Which reducer a group gets.
#ifndef OUTERLOOP_WORKER_REDUCERS_MAKE_REDUCER_H_
#define OUTERLOOP_WORKER_REDUCERS_MAKE_REDUCER_H_

#include <functional>
#include <memory>

#include "grpcpp/channel.h"
#include "outerloop/v1/worker_service.pb.h"
#include "worker/reducers/reducer.h"

namespace outerloop::worker {

// Makes the reducer of a generation for the member that `header` describes. Does not block.
using ReducerFactory = std::function<std::unique_ptr<Reducer>(const v1::ReduceHeader& header)>;

// None over the network for a group of one, else through the coordinator at the end of `channel`.
std::unique_ptr<Reducer> MakeReducer(const std::shared_ptr<grpc::Channel>& channel,
                                     const v1::ReduceHeader& header);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_MAKE_REDUCER_H_
