#include "worker/reducers/nccl_factory.h"

#include <cstdlib>
#include <utility>

#include "spdlog/spdlog.h"
#include "worker/reducers/nccl_reducer.h"

namespace outerloop::worker {

void ExitToBeRestarted(const std::string& reason) {
  spdlog::critical("{}; exiting with status {}, to be started again", reason, kExitToBeRestarted);
  spdlog::default_logger()->flush();
  std::_Exit(kExitToBeRestarted);
}

std::function<absl::StatusOr<std::unique_ptr<Reducer>>(const v1::ReduceHeader& header)> NcclFactory(
    std::shared_ptr<NcclApi> api) {
  if (api == nullptr) return nullptr;
  return [api = std::move(api)](const v1::ReduceHeader& header) {
    NcclOptions options;
    options.rank = static_cast<int>(header.rank());
    options.size = static_cast<int>(header.size());
    options.give_up = ExitToBeRestarted;
    return std::make_unique<NcclReducer>(api, std::move(options));
  };
}

}  // namespace outerloop::worker
