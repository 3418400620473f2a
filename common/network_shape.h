// Which shapes a network's layers take and give: known to the coordinator, which refuses what does
// not fit, and to workers, which build it.
#ifndef OUTERLOOP_COMMON_NETWORK_SHAPE_H_
#define OUTERLOOP_COMMON_NETWORK_SHAPE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/example_shape.h"
#include "outerloop/v1/model.pb.h"

namespace outerloop {

// Errors are INVALID_ARGUMENT as refusal.h words them. `path` is where a field stands, e.g.
// "model.sequential.layers[3]". Messages are complete.

// As model.proto states.
inline constexpr int64_t kMaxExampleValues = 1 << 22;
inline constexpr int64_t kMaxLinearWeights = 1 << 26;

// Whether the normalisation's groups, if it has any, divide the channels.
absl::Status CheckGroups(const std::string& path, const v1::Normalization& normalization,
                         int64_t channels);

using Layers = google::protobuf::RepeatedPtrField<v1::Layer>;

// What a layer makes of an example of shape `inputs`; an error if it takes none such.
absl::StatusOr<ExampleShape> OutputShape(const std::string& path, const v1::Layer& layer,
                                         const ExampleShape& inputs);
// The same for layers one after another; `path` is the list's. Of no layers: `inputs`.
absl::StatusOr<ExampleShape> OutputShape(const std::string& path, const Layers& layers,
                                         const ExampleShape& inputs);

// Whether anything is learned in them.
bool HasParameters(const Layers& layers);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_NETWORK_SHAPE_H_
