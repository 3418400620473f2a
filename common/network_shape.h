// Which shapes a network's layers take and give: known to the coordinator, which refuses what does
// not fit, and to workers, which build it.
#ifndef OUTERLOOP_COMMON_NETWORK_SHAPE_H_
#define OUTERLOOP_COMMON_NETWORK_SHAPE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "outerloop/v1/model.pb.h"

namespace outerloop {

// Whether the normalisation's groups, if it has any, divide the channels. `path` is the field's.
// INVALID_ARGUMENT as refusal.h words it.
absl::Status CheckGroups(const std::string& path, const v1::Normalization& normalization,
                         int64_t channels);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_NETWORK_SHAPE_H_
