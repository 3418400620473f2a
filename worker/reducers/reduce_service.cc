#include "worker/reducers/reduce_service.h"

#include <cstring>

namespace outerloop::worker {

grpc::Status ReduceService::Serve(Stream& stream) {
  v1::ReduceChunk first;
  if (!stream.Read(&first)) return grpc::Status::CANCELLED;
  if (!first.has_header() || !first.data().empty()) {
    return {grpc::StatusCode::INVALID_ARGUMENT, "the first chunk must be a header alone"};
  }
  {
    absl::MutexLock lock(&mu_);
    headers_.push_back(first.header());
  }
  const grpc::Status status = ServeChunks(first.header(), stream);
  End(first.header().generation(), {grpc::StatusCode::UNAVAILABLE, "a member is lost"});
  return status;
}

grpc::Status ReduceService::ServeChunks(const v1::ReduceHeader& header, Stream& stream) {
  v1::ReduceChunk chunk;
  while (stream.Read(&chunk)) {
    const grpc::Status status = AddChunk(header, chunk);
    if (!status.ok()) return status;
    stream.Write(chunk);
  }
  absl::MutexLock lock(&mu_);
  return EndOf(header.generation());
}

grpc::Status ReduceService::AddChunk(const v1::ReduceHeader& header, v1::ReduceChunk& chunk) {
  std::vector<int64_t> words(chunk.data().size() / sizeof(int64_t));
  std::memcpy(words.data(), chunk.data().data(), chunk.data().size());
  absl::MutexLock lock(&mu_);
  Generation& generation = generations_[header.generation()];
  Sum& sum = generation.sums[{chunk.round(), chunk.offset()}];
  sum.words.resize(words.size());
  for (size_t i = 0; i < words.size(); ++i) sum.words[i] += words[i];
  ++sum.members;
  const auto complete_or_ended = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return sum.members == header.size() || !EndOf(header.generation()).ok();
  };
  mu_.Await(absl::Condition(&complete_or_ended));
  if (sum.members < header.size()) return EndOf(header.generation());
  chunk.set_data(sum.words.data(), sum.words.size() * sizeof(int64_t));
  return grpc::Status::OK;
}

void ReduceService::End(uint64_t generation, const grpc::Status& status) {
  absl::MutexLock lock(&mu_);
  if (generations_[generation].end.ok()) generations_[generation].end = status;
}

grpc::Status ReduceService::EndOf(uint64_t generation) const {
  for (auto i = generations_.lower_bound(generation); i != generations_.end(); ++i) {
    if (!i->second.end.ok()) return i->second.end;
  }
  return grpc::Status::OK;
}

void ReduceService::WaitForRound(uint64_t generation, uint64_t round) {
  absl::MutexLock lock(&mu_);
  const auto has_begun = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return generations_[generation].sums.contains({round, 0});
  };
  mu_.Await(absl::Condition(&has_begun));
}

std::vector<v1::ReduceHeader> ReduceService::headers() const {
  absl::MutexLock lock(&mu_);
  return headers_;
}

}  // namespace outerloop::worker
