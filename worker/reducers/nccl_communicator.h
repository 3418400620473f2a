// One rank of an NCCL communicator and the memory through which its words go.
#ifndef OUTERLOOP_WORKER_REDUCERS_NCCL_COMMUNICATOR_H_
#define OUTERLOOP_WORKER_REDUCERS_NCCL_COMMUNICATOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "worker/cancellation.h"
#include "worker/reducers/nccl_api.h"

namespace outerloop::worker {

// What is started is asked after again and again until it is done, failed, or `stop` is set, which
// makes a call return ABORTED. No call waits in any other way, unless NCCL or CUDA itself hangs
// against its promise: so the calls are made by a thread that nobody has to wait for. All of them
// by the same thread; Close is the last. Errors are UNAVAILABLE.
class NcclCommunicator {
 public:
  // `poll` is the time between two questions.
  NcclCommunicator(NcclApi& api, const Cancellation& stop, absl::Duration poll)
      : api_(api), stop_(stop), poll_(poll) {}
  NcclCommunicator(const NcclCommunicator&) = delete;
  NcclCommunicator& operator=(const NcclCommunicator&) = delete;

  // A fresh id for Connect, from the member of rank 0.
  absl::StatusOr<std::string> MakeId();

  // Returns when all `size` ranks of that id have connected.
  absl::Status Connect(const std::string& id, int size, int rank);

  // Gives host() and the GPU room for `words` in place of what they had. Between two sums.
  absl::Status Reserve(size_t words);

  // Page-locked memory that Sum works on. The caller's to use between two calls.
  std::span<int64_t> host() { return {host_, capacity_}; }

  // Sums the first `words` of host() in place over all ranks, through the GPU's memory.
  // FAILED_PRECONDITION before Connect.
  absl::Status Sum(size_t words);

  // Ends the communicator and frees everything. After a clean end, peers get up to `finalize` to
  // take what they still need of this rank (zero: no time); then, and after anything else, it is
  // aborted. An error says that the GPU is no longer fit for use by this process.
  absl::Status Close(absl::Duration finalize);

 private:
  using Question = std::function<absl::StatusOr<NcclProgress>()>;

  // The GPU for this thread, and the stream. Once.
  absl::Status Open();
  // Asks until the answer is kDone, an error, or `stop` is set.
  absl::Status Await(const Question& question) const;
  // Asks until whatever comes first of that and the time.
  absl::Status Finalize(absl::Time deadline);
  absl::Status FreeMemory();

  NcclApi& api_;
  const Cancellation& stop_;
  const absl::Duration poll_;

  NcclComm* comm_ = nullptr;
  CudaStream* stream_ = nullptr;
  int64_t* host_ = nullptr;
  int64_t* device_ = nullptr;
  size_t capacity_ = 0;  // Words of either.
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_NCCL_COMMUNICATOR_H_
