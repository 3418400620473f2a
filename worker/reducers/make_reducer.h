// Which reducers a worker has, and how it makes them.
#ifndef OUTERLOOP_WORKER_REDUCERS_MAKE_REDUCER_H_
#define OUTERLOOP_WORKER_REDUCERS_MAKE_REDUCER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "outerloop/v1/job.pb.h"
#include "outerloop/v1/worker_service.pb.h"
#include "worker/reducers/reducer.h"

namespace outerloop::worker {

// Makes the reducer of a generation for the member that `header` describes.
using ReducerFactory = std::function<absl::StatusOr<std::unique_ptr<Reducer>>(
    v1::Reducer kind, const v1::ReduceHeader& header)>;

// What the reducers of a process work with.
struct ReducerOptions {
  std::shared_ptr<grpc::Channel> channel;  // To the coordinator.
  // The address of the coordinator, as --coordinator has it. Empty: no GLOO.
  std::string coordinator = "";
  // The numeric address of this machine at which other workers reach its Gloo reducers. Empty: that
  // by which this machine reaches the coordinator; a loopback address if the coordinator is here.
  std::string address = "";
  // Called by reducers through the coordinator, for each chunk of sums that comes. May be empty.
  std::function<void()> on_chunk = {};
  // Makes an NCCL reducer. Null where the process has no GPU or is built without NCCL.
  std::function<absl::StatusOr<std::unique_ptr<Reducer>>(const v1::ReduceHeader& header)> nccl = {};
};

// The kinds that MakeReducer makes with `options`, for Hello.reducers. COORDINATOR is one.
std::vector<v1::Reducer> ReducerKinds(const ReducerOptions& options);

// The reducer of that kind, or for a group of one the reducer that needs no network. Ready to be
// connected; waits for nobody, but GLOO may look the coordinator's name up. INVALID_ARGUMENT for a
// kind that is not among ReducerKinds, and for a rank that is not below the size; UNAVAILABLE if
// GLOO finds no address to listen at.
absl::StatusOr<std::unique_ptr<Reducer>> MakeReducer(const ReducerOptions& options,
                                                     v1::Reducer kind,
                                                     const v1::ReduceHeader& header);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_MAKE_REDUCER_H_
