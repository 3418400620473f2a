// Training states on their way to the coordinator.
#ifndef OUTERLOOP_WORKER_CHECKPOINT_WRITER_H_
#define OUTERLOOP_WORKER_CHECKPOINT_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "worker/cancellation.h"
#include "worker/coordinator_files.h"
#include "worker/experiment.h"
#include "worker/member/group_id.h"
#include "worker/training_state.h"

namespace outerloop::worker {

struct CheckpointWriterOptions {
  // States that wait behind the one that is being stored. >= 1.
  size_t capacity = 2;
  // Of one try to store one.
  absl::Duration store_timeout = absl::Seconds(60);
  // Between two tries.
  BackoffOptions backoff = {};
  // Called by the writer's thread before each try: who waits for room is not stuck. May be empty.
  std::function<void()> on_try = nullptr;
  // Called by the writer's thread for a checkpoint that is stored, with the time that it took. May
  // be empty.
  std::function<void(absl::Duration)> on_stored = nullptr;
  // Called by the writer's thread for a checkpoint that the coordinator refuses and would refuse
  // again, though its job goes on. May be empty.
  std::function<void(const GroupId&, uint64_t step, const absl::Status&)> on_refused = nullptr;
};

// Makes files of training states and stores them with the coordinator, in a thread of its own, one
// by one in the order in which they came: training goes on meanwhile. Tries until each is stored,
// refused, or no longer wanted because its job has ended; a coordinator that is away or has no room
// is waited for. Thread-safe, but for Add: one thread at a time.
class CheckpointWriter {
 public:
  // `files` must outlive the writer.
  explicit CheckpointWriter(CoordinatorFiles& files, const CheckpointWriterOptions& options = {});
  // Gives up what is not stored yet; Flush first.
  ~CheckpointWriter();
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  // Takes a copy of `state`, a state of `experiment` that `group` has computed. Blocks while
  // `capacity` states wait. CANCELLED, without effect, if `cancellation` is set first.
  absl::Status Add(const GroupId& group, std::shared_ptr<const Experiment> experiment,
                   const TrainingState& state, Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mu_);

  // Blocks until nothing is left to store. DEADLINE_EXCEEDED, saying how many checkpoints are left,
  // at `deadline`.
  absl::Status Flush(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Item {
    GroupId group;
    std::shared_ptr<const Experiment> experiment;
    TrainingState state;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // The item to store next. Blocks; nothing once the writer is being destroyed.
  std::optional<Item> Take() ABSL_LOCKS_EXCLUDED(mu_);
  void Store(const Item& item);
  // Tries until the coordinator has decided. CANCELLED once the writer is being destroyed.
  absl::Status TryUntilDecided(const v1::StoreCheckpointHeader& header, const std::string& bytes);
  // The item is done with; its memory serves another.
  void Release(Item item) ABSL_LOCKS_EXCLUDED(mu_);
  // Memory for a state, of one that was stored if there is any.
  TrainingState TakeSpare() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  size_t left() const ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return waiting_.size() + (storing_ ? 1 : 0);
  }

  CoordinatorFiles& files_;
  const CheckpointWriterOptions options_;
  Cancellation closing_;

  absl::Mutex mu_;
  std::deque<Item> waiting_ ABSL_GUARDED_BY(mu_);
  bool storing_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  // Of items that are done with: a copy into one costs no fresh pages.
  std::vector<TrainingState> spares_ ABSL_GUARDED_BY(mu_);

  std::thread thread_;  // Last: uses all of the above.
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_CHECKPOINT_WRITER_H_
