// NCCL and GPUs that are only imagined, for tests: several ranks in one process, and faults to
// order.
#ifndef OUTERLOOP_WORKER_REDUCERS_NCCL_FAKE_API_H_
#define OUTERLOOP_WORKER_REDUCERS_NCCL_FAKE_API_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "worker/reducers/nccl_api.h"

namespace outerloop::worker {

// What goes wrong at one rank for as long as it is ordered.
enum class NcclFault {
  kNoDevice,           // UseDevice fails.
  kInitFails,          // InitRank fails, and leaves a communicator.
  kInitCallHangs,      // InitRank does not return.
  kInitNeverEnds,      // The communicator stays in progress.
  kAllReduceFails,     // AllReduce fails.
  kEnqueueNeverEnds,   // AllReduce stays in progress.
  kRemoteError,        // Error tells of a lost peer.
  kSumNeverEnds,       // AllReduce is in the stream and stays there.
  kStreamFails,        // QueryStream fails.
  kFinalizeNeverEnds,  // Finalize stays in progress.
  kAbortHangs,         // Abort does not return.
  kAllocateFails,      // AllocateDevice fails.
  kFreeFails,          // FreeDevice fails.
};

// What the ranks share: who has connected with which id, and the words they give. Thread-safe.
class FakeNcclWorld {
 public:
  // Everything that NCCL or CUDA would have answered with a crash, a hang or undefined results:
  // calls on a communicator that has ended or by a second thread, memory freed under a running sum.
  std::vector<std::string> violations() const ABSL_LOCKS_EXCLUDED(mu_);
  // Ids given out so far, in order.
  std::vector<std::string> ids() const ABSL_LOCKS_EXCLUDED(mu_);
  // Blocks until no FakeNccl of this world is left.
  void WaitUntilEmpty() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  friend class FakeNccl;
  // The ranks that give one id.
  struct Clique {
    int size = 0;
    int connected = 0;
    int finalized = 0;
    struct Round {
      int given = 0;
      std::vector<int64_t> sum;
    };
    std::map<int, Round> rounds;
  };

  mutable absl::Mutex mu_;
  int members_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<std::string> ids_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, Clique> cliques_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> violations_ ABSL_GUARDED_BY(mu_);
};

// The NCCL of one worker. Like the real one, it adds up when all ranks have given their words, puts
// a sum into the stream only when asked how far it is, and leaves the survivors of a lost rank
// waiting for ever. It hangs only where that is ordered. Thread-safe.
class FakeNccl final : public NcclApi {
 public:
  explicit FakeNccl(std::shared_ptr<FakeNcclWorld> world);
  // What was not freed is a violation.
  ~FakeNccl() override;

  void Order(NcclFault fault);
  // What hangs because of it goes on.
  void Lift(NcclFault fault);

  // How often a function was called, by its name here, and a wait for it.
  int Calls(const std::string& function) const;
  void WaitForCalls(const std::string& function, int count) const;

  absl::Status UseDevice() override;
  absl::StatusOr<std::string> UniqueId() override;
  absl::StatusOr<NcclProgress> InitRank(NcclComm** comm, int size, const std::string& id,
                                        int rank) override;
  absl::StatusOr<NcclProgress> Error(NcclComm* comm) override;
  absl::StatusOr<NcclProgress> AllReduce(int64_t* words, size_t count, NcclComm* comm,
                                         CudaStream* stream) override;
  absl::StatusOr<NcclProgress> Finalize(NcclComm* comm) override;
  absl::Status Abort(NcclComm* comm) override;
  absl::StatusOr<CudaStream*> CreateStream() override;
  absl::Status DestroyStream(CudaStream* stream) override;
  absl::StatusOr<NcclProgress> QueryStream(CudaStream* stream) override;
  absl::StatusOr<int64_t*> AllocateHost(size_t words) override;
  absl::Status FreeHost(int64_t* words) override;
  absl::StatusOr<int64_t*> AllocateDevice(size_t words) override;
  absl::Status FreeDevice(int64_t* words) override;
  absl::Status CopyToDevice(int64_t* device, const int64_t* host, size_t words,
                            CudaStream* stream) override;
  absl::Status CopyToHost(int64_t* host, const int64_t* device, size_t words,
                          CudaStream* stream) override;

 private:
  using Clique = FakeNcclWorld::Clique;
  // Work on the GPU: whether it is done when it is looked at.
  using Work = std::function<bool()>;
  struct Communicator {
    Clique* clique = nullptr;
    std::thread::id user;
    int round = 0;
    Work not_enqueued;        // Of AllReduce.
    bool finalizing = false;  // Finalize was called.
  };

  // Counts the call.
  void Note(const std::string& function) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu());
  bool Has(NcclFault fault) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu());
  // Blocks as long as the fault is ordered.
  void HangFor(NcclFault fault) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu());
  void Violate(const std::string& what) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu());
  // The communicator behind the pointer; a violation, and null, if it may not be used now and here.
  Communicator* Find(NcclComm* comm) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu());
  // A sum over the clique as the GPU does it.
  Work Sum(int64_t* words, size_t count, NcclComm* comm) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu());
  // Does what can be done in the stream; whether that was all.
  bool Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu());
  absl::StatusOr<int64_t*> Allocate(size_t words) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu());
  absl::Status Free(int64_t* words) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu());
  absl::Status Copy(int64_t* to, const int64_t* from, size_t words)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu());

  absl::Mutex& mu() const ABSL_LOCK_RETURNED(world_->mu_) { return world_->mu_; }

  // All below guarded by the world's lock.
  const std::shared_ptr<FakeNcclWorld> world_;
  std::set<NcclFault> faults_ ABSL_GUARDED_BY(mu());
  std::map<std::string, int> calls_ ABSL_GUARDED_BY(mu());
  std::map<NcclComm*, std::unique_ptr<Communicator>> communicators_ ABSL_GUARDED_BY(mu());
  std::map<int64_t*, std::vector<int64_t>> memory_ ABSL_GUARDED_BY(mu());
  std::deque<Work> stream_ ABSL_GUARDED_BY(mu());
  bool has_stream_ ABSL_GUARDED_BY(mu()) = false;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_NCCL_FAKE_API_H_
