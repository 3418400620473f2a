// Any bytes as a safetensors file, and as a data set in one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "common/safetensors.h"
#include "data/dataset_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::span<const uint8_t> input(bytes, size);
  const auto file = outerloop::ParseSafetensors(input);
  if (!file.ok()) return 0;
  size_t total = 0;
  for (const auto& [name, tensor] : file->tensors) total += tensor.bytes.size();
  if (total > size) std::abort();  // Views outside the file.
  const auto dataset = outerloop::data::ParseDataset(input);
  if (!dataset.ok()) return 0;
  // What is accepted can be read to its last pixel.
  const outerloop::data::DatasetIndex& index = dataset->index;
  const auto last = static_cast<uint32_t>(index.examples() - 1);
  return dataset->image(last).size() == index.image_bytes() ? 0 : (std::abort(), 0);
}
