// The safetensors format: parameters, checkpoints and data sets.
//
// 8 bytes little endian: length of the header; the header, JSON:
//   {"__metadata__": {string: string}, "NAME": {"dtype": "F32", "shape": [..], "data_offsets":
//   [begin, end]}, ..}
// then the data, without gaps. https://huggingface.co/docs/safetensors
#ifndef OUTERLOOP_COMMON_SAFETENSORS_H_
#define OUTERLOOP_COMMON_SAFETENSORS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace outerloop {

enum class TensorType { kU8, kI32, kI64, kF32, kF64 };

// Bytes of one element.
size_t SizeOf(TensorType type);

// A tensor in somebody else's memory, row-major. `bytes` holds exactly the elements of `shape`.
struct TensorView {
  TensorType type;
  std::vector<int64_t> shape;
  std::span<const uint8_t> bytes;

  // Product of `shape`; 1 for a scalar.
  int64_t elements() const;

  // The elements as T, whose size and kind must be those of `type`. `bytes` must be aligned for T,
  // as it is in a file written by WriteSafetensors and mapped.
  template <typename T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
};

struct SafetensorsFile {
  std::map<std::string, TensorView> tensors;  // By name.
  std::map<std::string, std::string> metadata;
};

// Views into `bytes`, which must outlive them. INVALID_ARGUMENT, saying what and where, unless the
// header is well formed and at most 100 MB, the tensors fill the data without gap or overlap (as
// the format's reference library demands too), and each has a known type, a size that fits its
// shape, and an offset in the file that is a multiple of its element size. Never reads outside
// `bytes`, whatever they hold.
absl::StatusOr<SafetensorsFile> ParseSafetensors(std::span<const uint8_t> bytes);

// A tensor whose bytes are elsewhere, or still to come.
struct TensorLayout {
  TensorType type;
  std::vector<int64_t> shape;
};

// What a file begins with, before its data: length and header, as WriteSafetensors writes them. The
// tensors' bytes are to follow in its order. INVALID_ARGUMENT if a name or a shape cannot be
// written.
absl::StatusOr<std::string> SafetensorsPreamble(const std::map<std::string, TensorLayout>& tensors,
                                                const std::map<std::string, std::string>& metadata);

// Where the pieces of a file go; an error stops the writing.
using ByteSink = std::function<absl::Status(std::string_view)>;

// The same tensors and metadata give the same bytes. The header is padded with spaces so that data
// start at a multiple of 64; tensors follow each other from the largest element size to the
// smallest, then by name, which aligns each for its type without the gaps that the format forbids.
// INVALID_ARGUMENT if a tensor's bytes do not fit its type and shape, or a name cannot be written.
absl::Status WriteSafetensors(const SafetensorsFile& file, const ByteSink& sink);

// The same in memory, for a `file` that WriteSafetensors takes; "" for another.
std::string SafetensorsToString(const SafetensorsFile& file);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_SAFETENSORS_H_
