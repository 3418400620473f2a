// One member's stream of the `coordinator` reducer.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_ALL_REDUCE_STREAM_H_
#define OUTERLOOP_COORDINATOR_SERVICE_ALL_REDUCE_STREAM_H_

#include <deque>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/service/all_reduce_hub.h"
#include "grpcpp/support/server_callback.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::coordinator {

// Deletes itself when the call is over. Thread-safe.
class AllReduceStream final : public grpc::ServerBidiReactor<v1::ReduceChunk, v1::ReduceChunk>,
                              public AllReduceMember {
 public:
  explicit AllReduceStream(AllReduceHub& hub);

  // AllReduceMember
  void Deliver(const v1::ReduceChunk& chunk) override ABSL_LOCKS_EXCLUDED(mu_);
  void End(const absl::Status& status) override ABSL_LOCKS_EXCLUDED(mu_);

  // Reactions of gRPC.
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnCancel() override;
  void OnDone() override;

 private:
  absl::Status Take(const v1::ReduceChunk& chunk);
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  AllReduceHub& hub_;
  std::shared_ptr<AllReduceExchange> exchange_;  // Once the header has come. Of reads and the end.
  v1::ReduceChunk incoming_;                     // Of the read that is under way.

  absl::Mutex mu_;                                             // After the exchange's.
  std::deque<v1::ReduceChunk> outgoing_ ABSL_GUARDED_BY(mu_);  // The front is on its way.
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mu_);       // Set: nothing more is written.
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_ALL_REDUCE_STREAM_H_
