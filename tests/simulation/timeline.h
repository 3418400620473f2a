// Simulated time.
#ifndef OUTERLOOP_TESTS_SIMULATION_TIMELINE_H_
#define OUTERLOOP_TESTS_SIMULATION_TIMELINE_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/time/time.h"

namespace outerloop::simulation {

// What is to happen, by time; of the same time, in the order in which it was put down. Time stands
// still while something happens. Thread-compatible.
class Timeline {
 public:
  absl::Time now() const { return now_; }
  // Things that have happened.
  uint64_t happened() const { return happened_; }

  // At `when`, or now if that is past.
  void At(absl::Time when, std::function<void()> what);
  void After(absl::Duration wait, std::function<void()> what) { At(now_ + wait, std::move(what)); }

  // Lets what is next happen. False if there is nothing left.
  bool Next();

 private:
  struct Entry {
    absl::Time when;
    uint64_t number;
    std::function<void()> what;
  };
  static bool Later(const Entry& a, const Entry& b) {
    return a.when != b.when ? a.when > b.when : a.number > b.number;
  }

  absl::Time now_ = absl::UnixEpoch();
  uint64_t put_down_ = 0;
  uint64_t happened_ = 0;
  std::vector<Entry> entries_;  // A heap, the next at the front.
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_TIMELINE_H_
