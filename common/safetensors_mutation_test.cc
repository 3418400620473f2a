// Files spoilt at random, from a seed: each must be read or refused, never crash. Worth most under
// AddressSanitizer.
#include <algorithm>
#include <string>
#include <vector>

#include "common/philox.h"
#include "common/safetensors.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

constexpr uint32_t kMutants = 20'000;

std::string Sample() {
  static const std::vector<float> weights(24, 1.5f);
  static const std::vector<uint8_t> images(9, 7);
  SafetensorsFile file;
  file.metadata = {{"step", "40"}, {"name", "sample"}};
  const auto* const weight_bytes = reinterpret_cast<const uint8_t*>(weights.data());
  file.tensors = {{"weights", {TensorType::kF32, {2, 3, 4}, {weight_bytes, 96}}},
                  {"images", {TensorType::kU8, {9, 1}, images}}};
  return SafetensorsToString(file);
}

// One small change, most often in the header, where the structure is.
void Mutate(std::string& file, RandomStream& random) {
  static const std::string kTokens[] = {"{",   "}",    "[",         "]",     ",",
                                        ":",   "\"",   "-",         "9",     "0",
                                        "1e9", "null", "\"shape\"", "\"w\"", "4611686018427387904"};
  const size_t limit = random.Below(4) == 0 ? file.size() : std::min<size_t>(file.size(), 256);
  if (limit == 0) return;
  const size_t at = random.Below(static_cast<uint32_t>(limit));
  const std::string& token = kTokens[random.Below(std::size(kTokens))];
  switch (random.Below(6)) {
    case 0:
      file[at] = static_cast<char>(random.Below(256));
      break;
    case 1:
      file.erase(at, 1 + random.Below(16));
      break;
    case 2:
      file.insert(at, token);
      break;
    case 3:
      file.replace(at, token.size(), token);
      break;
    case 4:
      file.insert(at, file.substr(random.Below(static_cast<uint32_t>(limit)), random.Below(64)));
      break;
    case 5:
      file[at] = static_cast<char>(file[at] + (random.Below(2) == 0 ? 1 : -1));  // 3 to 4, [ to \.
      break;
  }
}

// Reads all that `file` says it holds.
uint64_t Touch(const SafetensorsFile& file) {
  uint64_t sum = 0;
  for (const auto& [name, tensor] : file.tensors) {
    EXPECT_EQ(static_cast<size_t>(tensor.elements()) * SizeOf(tensor.type), tensor.bytes.size());
    for (const uint8_t byte : tensor.bytes) sum += byte;
  }
  return sum;
}

TEST(SafetensorsMutation, SpoiltFilesAreReadOrRefused) {
  const std::string sample = Sample();
  int read = 0;
  int refused = 0;
  for (uint32_t i = 0; i < kMutants; ++i) {
    RandomStream random(/*seed=*/1, RandomPurpose::kTrainTask, /*step=*/0, /*task=*/i);
    std::string mutant = sample;
    for (uint32_t changes = 1 + random.Below(3); changes > 0; --changes) Mutate(mutant, random);
    // Behind the last byte of an exact allocation, AddressSanitizer sees the first read too far.
    const std::vector<uint8_t> bytes(mutant.begin(), mutant.end());
    const auto file = ParseSafetensors(bytes);
    if (file.ok()) {
      EXPECT_GE(Touch(*file), 0u) << "mutant " << i;
      ++read;
    } else {
      EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument) << "mutant " << i;
      ++refused;
    }
  }
  // Both happen, or the changes are no test.
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace outerloop
