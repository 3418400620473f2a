// What those who watch sweeps are shown.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_SWEEP_BOARD_H_
#define OUTERLOOP_COORDINATOR_SERVICE_SWEEP_BOARD_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/service/watchers.h"
#include "outerloop/v1/sweep.pb.h"

namespace outerloop::coordinator {

// Keeps no sweeps: looks at those that somebody watches, and tells what has changed. Thread-safe.
class SweepBoard {
 public:
  using View = std::shared_ptr<const v1::Sweep>;
  // Called with the board locked: must not call the board.
  using Watcher = Watchers<View>::Watcher;
  // A sweep and its trials' jobs as they are; null if there is none of this id.
  using Look = std::function<View(const std::string& sweep_id)>;

  explicit SweepBoard(Look look) : look_(std::move(look)) {}

  // Calls the watchers of every sweep that looks otherwise than it did.
  void Refresh() ABSL_LOCKS_EXCLUDED(mu_);

  // Calls `watcher` at once, if the sweep is there, and whenever it has changed. One an `owner`.
  void Watch(const void* owner, const std::string& sweep_id, Watcher watcher)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Afterwards the owner's watcher is not called and no call is running. Nothing if it has none.
  void Unwatch(const void* owner) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const Look look_;

  absl::Mutex mu_;
  Watchers<View> watchers_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, View> shown_ ABSL_GUARDED_BY(mu_);  // Of those that are watched.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_SWEEP_BOARD_H_
