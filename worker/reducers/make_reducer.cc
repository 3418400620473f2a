#include "worker/reducers/make_reducer.h"

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/reducers/coordinator_reducer.h"
#include "worker/reducers/gloo_reducer.h"
#include "worker/reducers/local_address.h"
#include "worker/reducers/solo_reducer.h"

namespace outerloop::worker {
namespace {

absl::StatusOr<std::unique_ptr<Reducer>> MakeGlooReducer(const ReducerOptions& options,
                                                         const v1::ReduceHeader& header) {
  std::string address = options.address;
  if (address.empty()) {
    ASSIGN_OR_RETURN(address, LocalAddressTowards(options.coordinator));
  }
  return GlooReducer::Create(address, header);
}

}  // namespace

std::vector<v1::Reducer> ReducerKinds(const ReducerOptions& options) {
  std::vector<v1::Reducer> kinds = {v1::COORDINATOR};
  if (!options.coordinator.empty()) kinds.push_back(v1::GLOO);
  if (options.nccl) kinds.push_back(v1::NCCL);
  return kinds;
}

absl::StatusOr<std::unique_ptr<Reducer>> MakeReducer(const ReducerOptions& options,
                                                     v1::Reducer kind,
                                                     const v1::ReduceHeader& header) {
  if (header.rank() >= header.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("rank ", header.rank(), " in a group of ", header.size()));
  }
  if (header.size() == 1) return std::make_unique<SoloReducer>();
  if (kind == v1::COORDINATOR)
    return std::make_unique<CoordinatorReducer>(options.channel, header, options.on_chunk);
  if (kind == v1::GLOO && !options.coordinator.empty()) return MakeGlooReducer(options, header);
  if (kind == v1::NCCL && options.nccl) return options.nccl(header);
  return absl::InvalidArgumentError(absl::StrCat("this worker has no reducer ",
                                                 v1::Reducer_Name(kind), "; let the job use AUTO"));
}

}  // namespace outerloop::worker
