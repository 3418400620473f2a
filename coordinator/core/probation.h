// Workers that fail again and again.
#ifndef OUTERLOOP_COORDINATOR_CORE_PROBATION_H_
#define OUTERLOOP_COORDINATOR_CORE_PROBATION_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"

namespace outerloop::coordinator {

struct ProbationOptions {
  // A worker is set aside from this failure in a row on,
  uint32_t failures = 3;
  // first for so long, then each time for twice as long as before, up to the longest.
  absl::Duration first_pause = absl::Milliseconds(500);
  absl::Duration longest_pause = absl::Seconds(30);
  // Failures are forgotten when it works so long after the last one.
  absl::Duration forgiven_after = absl::Seconds(30);
  // Of a worker that has not been heard of for so long, too.
  absl::Duration kept_for = absl::Hours(1);
};

// Counts failures of workers by a label that outlives their processes, and says until when each is
// set aside. Thread-compatible.
class Probation {
 public:
  explicit Probation(const ProbationOptions& options = {}) : options_(options) {}

  // It has failed once more; `why` is for people.
  void Fail(const std::string& label, const std::string& why, absl::Time now);
  // It has finished something.
  void Work(const std::string& label, absl::Time now);

  // Until when it gets no work; the infinite past if it was never set aside.
  absl::Time Until(const std::string& label) const;
  // Why, for people: the last failure and how many there were.
  std::string Why(const std::string& label) const;

 private:
  struct Record {
    uint32_t failures = 0;  // In a row.
    std::string why;        // Of the last.
    absl::Time last = absl::InfinitePast();
    absl::Time until = absl::InfinitePast();
  };

  const ProbationOptions options_;
  std::map<std::string, Record> records_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_PROBATION_H_
