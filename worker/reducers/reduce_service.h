// The coordinator's side of AllReduce, for tests.
#ifndef OUTERLOOP_WORKER_REDUCERS_REDUCE_SERVICE_H_
#define OUTERLOOP_WORKER_REDUCERS_REDUCE_SERVICE_H_

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/grpcpp.h"
#include "outerloop/v1/worker_service.grpc.pb.h"

namespace outerloop::worker {

// Adds up the chunks of the members of one generation after the other. A member's call, run by
// Serve in a thread of its own, goes in lockstep: it reads a chunk, waits for that of every other
// member, and answers. Thread-safe.
class ReduceService {
 public:
  using Stream = grpc::ServerReaderWriter<v1::ReduceChunk, v1::ReduceChunk>;

  // Serves one member until its stream or the generation ends. When a member's stream ends, so do
  // the others', with UNAVAILABLE.
  grpc::Status Serve(Stream& stream) ABSL_LOCKS_EXCLUDED(mu_);

  // Ends every stream of `generation` and of those before it with `status`, and those that still
  // come.
  void End(uint64_t generation, const grpc::Status& status) ABSL_LOCKS_EXCLUDED(mu_);

  // Blocks until some member has sent a chunk of that round.
  void WaitForRound(uint64_t generation, uint64_t round) ABSL_LOCKS_EXCLUDED(mu_);

  // Headers of the streams served so far.
  std::vector<v1::ReduceHeader> headers() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Place = std::pair<uint64_t, uint64_t>;  // Round, offset.
  struct Sum {
    uint32_t members = 0;  // That have given their chunk.
    std::vector<int64_t> words;
  };
  struct Generation {
    std::map<Place, Sum> sums;
    grpc::Status end;  // Not OK once it has ended.
  };

  grpc::Status ServeChunks(const v1::ReduceHeader& header, Stream& stream) ABSL_LOCKS_EXCLUDED(mu_);
  // Adds the chunk, waits for the other members, and puts the sum in its place.
  grpc::Status AddChunk(const v1::ReduceHeader& header, v1::ReduceChunk& chunk)
      ABSL_LOCKS_EXCLUDED(mu_);
  grpc::Status EndOf(uint64_t generation) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable absl::Mutex mu_;
  std::vector<v1::ReduceHeader> headers_ ABSL_GUARDED_BY(mu_);
  std::map<uint64_t, Generation> generations_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_REDUCE_SERVICE_H_
