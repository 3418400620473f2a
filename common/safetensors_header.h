// The JSON header of a safetensors file, read strictly and in bounded memory. See safetensors.h.
#ifndef OUTERLOOP_COMMON_SAFETENSORS_HEADER_H_
#define OUTERLOOP_COMMON_SAFETENSORS_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace outerloop {

// The key of the header that is no tensor.
inline constexpr std::string_view kSafetensorsMetadataKey = "__metadata__";

// Dimensions of a tensor at most.
inline constexpr size_t kSafetensorsMaxRank = 64;

// What a header says. Nothing of it is checked against the file's data.
struct SafetensorsHeader {
  struct Tensor {
    std::string name;
    std::string dtype;
    std::vector<int64_t> shape;  // Each >= 0; kSafetensorsMaxRank at most.
    std::vector<int64_t>
        data_offsets;  // Two, each >= 0: begin and end, from the start of the data.
  };
  std::vector<Tensor> tensors;  // In the header's order. Names are distinct.
  std::map<std::string, std::string> metadata;
};

// INVALID_ARGUMENT, naming the tensor and the field, unless `json` is an object of the format's
// form and no more: an unknown or repeated key, a value of another kind or deeper nesting is
// refused as soon as it is read, so that no header, however built, takes much more memory than its
// own size.
absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(std::string_view json);

// `name` in quotes for a message, escaped, and cut where it is long.
std::string QuoteTensorName(std::string_view name);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_SAFETENSORS_HEADER_H_
