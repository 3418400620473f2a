#include "worker/training_state.h"

#include <bit>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outerloop::worker {
namespace {

static_assert(std::endian::native == std::endian::little, "buffers travel as they lie in memory");

// Words: the step, parameters, buffers by name, each padded to whole words; then the digest of
// these.
constexpr size_t kDigestWords = sizeof(Sha256Digest) / sizeof(int64_t);

size_t WordsOf(const std::vector<float>& values) { return (values.size() + 1) / 2; }

std::span<const uint8_t> BytesOf(std::span<const int64_t> words) {
  return {reinterpret_cast<const uint8_t*>(words.data()), words.size_bytes()};
}

Sha256Digest DigestOf(std::span<const uint8_t> bytes) {
  Sha256 digest;
  digest.Update(bytes);
  return digest.Finish();
}

void Append(const void* bytes, size_t size, std::vector<int64_t>& words) {
  const size_t first = words.size();
  words.resize(first + (size + sizeof(int64_t) - 1) / sizeof(int64_t));
  std::memcpy(words.data() + first, bytes, size);
}

void Append(const std::vector<float>& values, std::vector<int64_t>& words) {
  Append(values.data(), values.size() * sizeof(float), words);
}

// Fills `values` from the front of `words` and drops what it took.
void Take(std::vector<float>& values, std::span<const int64_t>& words) {
  std::memcpy(values.data(), words.data(), values.size() * sizeof(float));
  words = words.subspan(WordsOf(values));
}

}  // namespace

Sha256Digest TrainingState::ParametersDigest() const {
  return DigestOf(
      {reinterpret_cast<const uint8_t*>(parameters.data()), parameters.size() * sizeof(float)});
}

std::vector<int64_t> ToWords(const TrainingState& state) {
  std::vector<int64_t> words;
  words.reserve(WordCount(state));
  words.push_back(static_cast<int64_t>(state.step));
  Append(state.parameters, words);
  for (const auto& [name, buffer] : state.optimizer) Append(buffer, words);
  const Sha256Digest digest = DigestOf(BytesOf(words));
  Append(digest.data(), digest.size(), words);
  return words;
}

size_t WordCount(const TrainingState& shape) {
  size_t words = 1 + WordsOf(shape.parameters) + kDigestWords;
  for (const auto& [name, buffer] : shape.optimizer) words += WordsOf(buffer);
  return words;
}

absl::StatusOr<TrainingState> FromWords(std::span<const int64_t> words, TrainingState shape) {
  if (words.size() != WordCount(shape)) {
    return absl::DataLossError(absl::StrCat("a training state of ", words.size(), " words; ",
                                            WordCount(shape), " were expected"));
  }
  std::span<const int64_t> rest = words.first(words.size() - kDigestWords);
  const Sha256Digest digest = DigestOf(BytesOf(rest));
  if (std::memcmp(digest.data(), words.last(kDigestWords).data(), digest.size()) != 0) {
    return absl::DataLossError(
        "the broadcast training state has another digest than its sender gave; not exactly one "
        "member sent it");
  }
  TrainingState state = std::move(shape);
  state.step = static_cast<uint64_t>(rest[0]);
  rest = rest.subspan(1);
  Take(state.parameters, rest);
  for (auto& [name, buffer] : state.optimizer) Take(buffer, rest);
  return state;
}

}  // namespace outerloop::worker
