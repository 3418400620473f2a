// The reducer of groups whose members all have GPUs: sums taken by NCCL, between GPUs.
#ifndef OUTERLOOP_WORKER_REDUCERS_NCCL_REDUCER_H_
#define OUTERLOOP_WORKER_REDUCERS_NCCL_REDUCER_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "worker/reducers/nccl_api.h"
#include "worker/reducers/reducer.h"

namespace outerloop::worker {

struct NcclOptions {
  int rank = 0;
  int size = 1;
  // What finding the GPU and making an id may take at rank 0.
  absl::Duration start_timeout = absl::Seconds(10);
  // How long after a clean end a member waits for peers that still need it, before it aborts.
  absl::Duration finalize_timeout = absl::Seconds(1);
  // What ending may take in all, before the worker gives up. More than finalize_timeout.
  absl::Duration close_timeout = absl::Seconds(5);
  // Between two questions to NCCL or the GPU.
  absl::Duration poll = absl::Microseconds(20);
  // Called, in any thread and at most once, when the end of the communicator did not come in
  // close_timeout or left the GPU unfit. Meant not to return: NCCL and the GPU may then hang in any
  // call. Required.
  std::function<void(const std::string& reason)> give_up;
};

// NCCL's calls are made by a helper thread, one reducer's all by the same, and members wait for it
// against their own deadlines. So whatever hangs there, Connect and AllReduce return in time, and
// Abort at once. After the first error or Abort the helper aborts the communicator without being
// asked again, also while peers are unreachable; after a clean end it first gives peers
// finalize_timeout to take what they still need. ncclCommDestroy is never called.
//
// A generation has its own communicator with its own id, which rank 0's endpoint() carries; the
// others' endpoints are empty. Words are copied to the GPU and back through buffers that are kept
// between rounds; summing where gradients are made, on the GPU, is left for later.
class NcclReducer final : public Reducer {
 public:
  // At rank 0 waits up to start_timeout for the id. If there is none, endpoint() is empty, and
  // Connect of every member says so.
  NcclReducer(std::shared_ptr<NcclApi> api, NcclOptions options);
  // Waits up to close_timeout for the end of the communicator, and gives up if it does not come.
  ~NcclReducer() override;

  std::string endpoint() const override { return id_; }
  // UNAVAILABLE also if this rank's GPU or NCCL refuses, with the library's reason.
  absl::Status Connect(std::span<const std::string> endpoints, absl::Time deadline) override;
  absl::Status AllReduce(std::span<int64_t> words, absl::Time deadline) override;
  void Abort() override;

 private:
  class Helper;

  const std::shared_ptr<Helper> helper_;  // Shared with the thread, which outlives us if it hangs.
  std::thread thread_;
  std::string id_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_NCCL_REDUCER_H_
