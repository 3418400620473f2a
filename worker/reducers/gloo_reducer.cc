#include "worker/reducers/gloo_reducer.h"

#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "common/status_macros.h"

namespace outerloop::worker {
namespace {

// What the members say when they are connected, by rank.
std::vector<std::string> Greetings(const v1::ReduceHeader& header) {
  std::vector<std::string> greetings;
  for (uint32_t rank = 0; rank < header.size(); ++rank) {
    greetings.push_back(
        Sha256Hex(absl::StrCat("rank ", rank, " of ", header.size(), ", generation ",
                               header.generation(), " of job ", header.job_id())));
  }
  return greetings;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Reducer>> GlooReducer::Create(const std::string& address,
                                                             const v1::ReduceHeader& header) {
  ASSIGN_OR_RETURN(auto ring, GlooRing::Create(address, header.rank(), header.size()));
  return absl::WrapUnique<Reducer>(new GlooReducer(header, std::move(ring)));
}

absl::Status GlooReducer::Connect(std::span<const std::string> endpoints, absl::Time deadline) {
  if (endpoints.size() != header_.size()) {
    return absl::UnavailableError(
        absl::StrCat("gloo: ", endpoints.size(), " endpoints for a group of ", header_.size()));
  }
  return ring_->Connect(endpoints, Greetings(header_), deadline);
}

void GlooReducer::AddWords(void* out, const void* a, const void* b, size_t words) {
  // Unsigned: the words are signed, and their sums may wrap.
  auto* const sums = static_cast<uint64_t*>(out);
  const auto* const left = static_cast<const uint64_t*>(a);
  const auto* const right = static_cast<const uint64_t*>(b);
  for (size_t i = 0; i < words; ++i) sums[i] = left[i] + right[i];
}

absl::Status GlooReducer::AllReduce(std::span<int64_t> words, absl::Time deadline) {
  return ring_->AllReduce(words, AddWords, deadline);
}

}  // namespace outerloop::worker
