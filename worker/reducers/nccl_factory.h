// The NCCL reducers of a worker process.
#ifndef OUTERLOOP_WORKER_REDUCERS_NCCL_FACTORY_H_
#define OUTERLOOP_WORKER_REDUCERS_NCCL_FACTORY_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "outerloop/v1/worker_service.pb.h"
#include "worker/reducers/nccl_api.h"
#include "worker/reducers/reducer.h"

namespace outerloop::worker {

// The exit status of a worker that cannot get rid of a communicator, or whose GPU is no longer fit
// for use by its process (EX_TEMPFAIL of sysexits.h). Whoever supervises it starts it again.
inline constexpr int kExitToBeRestarted = 75;

// Logs the reason and ends the process, at once and without destructors or exit handlers: any of
// them may call CUDA and hang.
[[noreturn]] void ExitToBeRestarted(const std::string& reason);

// What ReducerOptions.nccl (make_reducer.h) wants; null for null. A reducer that has to give up
// ends the process by ExitToBeRestarted.
std::function<absl::StatusOr<std::unique_ptr<Reducer>>(const v1::ReduceHeader& header)> NcclFactory(
    std::shared_ptr<NcclApi> api);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_NCCL_FACTORY_H_
