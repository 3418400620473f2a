// Somebody who uses a coordinator.
#ifndef OUTERLOOP_BENCHMARKS_LOAD_USER_H_
#define OUTERLOOP_BENCHMARKS_LOAD_USER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "benchmarks/control_plane/latencies.h"
#include "client/client.h"

namespace outerloop::load {

// What the calls of all users took. Thread-safe.
struct CallTimes {
  control_plane::Latencies submit;  // SubmitJob.
  control_plane::Latencies watch;   // WatchJob, to its first message.
  control_plane::Latencies cancel;  // CancelJob.
  control_plane::Latencies end;     // From a call of CancelJob to the end of the job's WatchJob.
  std::atomic<int> repeats{0};      // Of calls, because the coordinator was not there.
  std::atomic<int> failures{0};
};

struct UserOptions {
  std::string address;  // Of the coordinator.
  v1::JobSpec spec;     // Of a job that cannot begin: what is left of it is only the calls.
  // Between two calls, on average: each pause is uniform over [0.5, 1.5) x this. >= 0.
  absl::Duration pause = absl::Seconds(1);
  uint64_t seed = 0;  // Of the pauses.
};

// Submits a job, watches it, cancels it and sees it end, over a connection of its own, again and
// again until it is stopped. Then it goes on to the end of the round, without pauses, and what that
// takes does not count. Thread-compatible.
class User {
 public:
  // `times` must outlive the user.
  User(UserOptions options, CallTimes& times);
  // Stops it, and waits for the end of the round.
  ~User();

  // Does not wait.
  void Stop();

 private:
  void Run();
  void Round();
  void WatchAndCancel(const std::string& job_id);
  absl::Time Cancel(const std::string& job_id);  // When it was called.
  void Pause();
  void Record(control_plane::Latencies& latencies, absl::Time begin);

  const UserOptions options_;
  CallTimes& times_;
  std::mt19937_64 random_;
  absl::Notification stopping_;
  client::Client client_;
  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace outerloop::load

#endif  // OUTERLOOP_BENCHMARKS_LOAD_USER_H_
