// A group of one.
#ifndef OUTERLOOP_WORKER_REDUCERS_SOLO_REDUCER_H_
#define OUTERLOOP_WORKER_REDUCERS_SOLO_REDUCER_H_

#include <atomic>

#include "worker/reducers/reducer.h"

namespace outerloop::worker {

// The sum over one member is its own words: nothing is sent and nothing waits.
class SoloReducer final : public Reducer {
 public:
  absl::Status AllReduce(std::span<int64_t>, absl::Time) override {
    return aborted_ ? absl::AbortedError("all-reduce: the generation has ended") : absl::OkStatus();
  }
  void Abort() override { aborted_ = true; }

 private:
  std::atomic<bool> aborted_ = false;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_SOLO_REDUCER_H_
