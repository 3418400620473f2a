#include "coordinator/service/all_reduce_hub.h"

#include <cstring>

#include "absl/strings/str_format.h"

namespace outerloop::coordinator {
namespace {

// sum += term, both arrays of 64-bit little-endian integers of one length. Wraps on overflow, which
// the scale of the fixed point excludes.
void AddWords(const std::string& term, std::string& sum) {
  for (size_t i = 0; i < sum.size(); i += sizeof(uint64_t)) {
    uint64_t a, b;
    std::memcpy(&a, sum.data() + i, sizeof(a));
    std::memcpy(&b, term.data() + i, sizeof(b));
    a += b;
    std::memcpy(sum.data() + i, &a, sizeof(a));
  }
}

}  // namespace

absl::Status AllReduceExchange::Join(AllReduceMember* member) {
  absl::MutexLock lock(&mu_);
  if (ended_) return absl::AbortedError("the generation has ended");
  members_.insert(member);
  return absl::OkStatus();
}

void AllReduceExchange::Leave(AllReduceMember* member) {
  absl::MutexLock lock(&mu_);
  members_.erase(member);
  EndLocked("a member has left");
}

absl::Status AllReduceExchange::Contribute(const v1::ReduceChunk& chunk) {
  if (chunk.data().size() % sizeof(uint64_t) != 0) {
    return absl::InvalidArgumentError("a chunk must hold whole 64-bit words");
  }
  absl::MutexLock lock(&mu_);
  if (ended_) return absl::AbortedError("the generation has ended");
  const auto key = std::make_pair(chunk.round(), chunk.offset());
  Sum& sum = sums_[key];
  if (sum.terms > 0 && sum.words.size() != chunk.data().size()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("chunk at offset %d of round %d has %d bytes, another member's has %d",
                        chunk.offset(), chunk.round(), chunk.data().size(), sum.words.size()));
  }
  if (sum.terms == 0) {
    sum.words = chunk.data();
  } else {
    AddWords(chunk.data(), sum.words);
  }
  if (++sum.terms < size_) return absl::OkStatus();
  v1::ReduceChunk total;
  total.set_round(chunk.round());
  total.set_offset(chunk.offset());
  total.set_data(std::move(sum.words));
  sums_.erase(key);
  for (AllReduceMember* member : members_) member->Deliver(total);
  return absl::OkStatus();
}

void AllReduceExchange::End(const std::string& reason) {
  absl::MutexLock lock(&mu_);
  EndLocked(reason);
}

void AllReduceExchange::EndLocked(const std::string& reason) {
  if (ended_) return;
  ended_ = true;
  sums_.clear();
  for (AllReduceMember* member : members_) member->End(absl::AbortedError(reason));
}

void AllReduceHub::Begin(const std::string& job_id, uint64_t generation, uint32_t size) {
  End(job_id, generation - 1);
  absl::MutexLock lock(&mu_);
  present_.try_emplace(job_id, Entry{generation, size, std::make_shared<AllReduceExchange>(size)});
}

void AllReduceHub::End(const std::string& job_id, uint64_t generation) {
  std::shared_ptr<AllReduceExchange> ended;
  {
    absl::MutexLock lock(&mu_);
    const auto it = present_.find(job_id);
    if (it == present_.end() || it->second.generation > generation) return;
    ended = it->second.exchange;
    present_.erase(it);
  }
  ended->End("the generation has ended");
}

absl::StatusOr<std::shared_ptr<AllReduceExchange>> AllReduceHub::Find(
    const v1::ReduceHeader& header) {
  absl::MutexLock lock(&mu_);
  const auto it = present_.find(header.job_id());
  if (it == present_.end() || it->second.generation != header.generation()) {
    return absl::AbortedError(absl::StrFormat("generation %d of job %s is not the present one",
                                              header.generation(), header.job_id()));
  }
  if (it->second.size != header.size()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("the group has %d members, not %d", it->second.size, header.size()));
  }
  return it->second.exchange;
}

}  // namespace outerloop::coordinator
