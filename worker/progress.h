// What the worker is at, and whether it moves.
#ifndef OUTERLOOP_WORKER_PROGRESS_H_
#define OUTERLOOP_WORKER_PROGRESS_H_

#include <cstdint>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::worker {

// The phase of the work under way, and a count of whatever gets done, for heartbeats: a worker
// whose count stands still is stuck, however alive its session is. Thread-safe.
class Progress {
 public:
  using Phase = v1::Heartbeat::Phase;
  // Told of each phase as it begins, by the thread that is to do the work, which it may hold up.
  using Observer = std::function<void(Phase phase, uint64_t step)>;

  explicit Progress(Observer observer = {}) : observer_(std::move(observer)) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // A phase begins, which counts. `step` as in Heartbeat.
  void Enter(Phase phase, uint64_t step = 0) ABSL_LOCKS_EXCLUDED(mu_);

  // A piece of work is done: a shard, a chunk of a sum, some bytes of a file.
  void Tick() ABSL_LOCKS_EXCLUDED(mu_);

  v1::Heartbeat Snapshot() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const Observer observer_;
  mutable absl::Mutex mu_;
  uint64_t count_ ABSL_GUARDED_BY(mu_) = 0;
  Phase phase_ ABSL_GUARDED_BY(mu_) = v1::Heartbeat::IDLE;
  uint64_t step_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_PROGRESS_H_
