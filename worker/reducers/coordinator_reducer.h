// The reducer that works wherever a session works: sums taken by the coordinator, over gRPC.
#ifndef OUTERLOOP_WORKER_REDUCERS_COORDINATOR_REDUCER_H_
#define OUTERLOOP_WORKER_REDUCERS_COORDINATOR_REDUCER_H_

#include <cstddef>
#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "outerloop/v1/worker_service.grpc.pb.h"
#include "worker/reducers/reducer.h"

namespace outerloop::worker {

// One stream of WorkerService.AllReduce for the whole generation. A buffer goes out in chunks, one
// after the other, while sums come in: a read is always under way, so neither end can wait for the
// other's flow control for ever. No thread of its own; the stream's reactions run on gRPC's.
class CoordinatorReducer final : public Reducer,
                                 private grpc::ClientBidiReactor<v1::ReduceChunk, v1::ReduceChunk> {
 public:
  // `on_chunk`, if not empty, is called for each chunk of sums that comes. It must not block.
  CoordinatorReducer(const std::shared_ptr<grpc::Channel>& channel, const v1::ReduceHeader& header,
                     std::function<void()> on_chunk = {});
  // Cancels the stream and waits for its end.
  ~CoordinatorReducer() override;

  // Opens the stream, for which the generation must have been started. Does not wait for it;
  // AllReduce reports its failure.
  absl::Status Connect(std::span<const std::string> endpoints, absl::Time deadline) override
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status AllReduce(std::span<int64_t> words, absl::Time deadline) override
      ABSL_LOCKS_EXCLUDED(mu_);
  void Abort() override ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnDone(const grpc::Status& status) override ABSL_LOCKS_EXCLUDED(mu_);

  // Starts writing the next chunk of words_, if there is one and no write is under way.
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Puts the sums that `incoming_` brings into words_.
  absl::Status TakeSums() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Kills the reducer; the first reason is kept.
  void Fail(absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool RoundEnded() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return !status_.ok() || received_ == words_.size();
  }

  const std::unique_ptr<v1::WorkerService::Stub> stub_;
  const v1::ReduceHeader header_;
  const std::function<void()> on_chunk_;
  grpc::ClientContext context_;
  v1::ReduceChunk incoming_;  // Only for the reactions to reads, which follow each other.

  absl::Mutex mu_;
  v1::ReduceChunk outgoing_ ABSL_GUARDED_BY(mu_);  // While writing_: gRPC's.
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;   // No operation may be started any more.
  bool done_ ABSL_GUARDED_BY(mu_) = true;     // No stream is open.
  absl::Status status_ ABSL_GUARDED_BY(mu_);  // Why the reducer is dead.
  // The running round; empty between two.
  std::span<int64_t> words_ ABSL_GUARDED_BY(mu_);
  size_t sent_ ABSL_GUARDED_BY(mu_) = 0;      // Elements given to gRPC.
  size_t received_ ABSL_GUARDED_BY(mu_) = 0;  // Elements that hold sums.
  uint64_t round_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_COORDINATOR_REDUCER_H_
