// Whether a program that ended is started again.
#ifndef OUTERLOOP_CLIENT_RESTART_POLICY_H_
#define OUTERLOOP_CLIENT_RESTART_POLICY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "client/child_process.h"
#include "common/backoff.h"

namespace outerloop::client {

struct RestartOptions {
  // Runs in a row that may end before the program is ready. 0: any number.
  int max_failures = 0;
  BackoffOptions backoff = {.initial = absl::Milliseconds(200), .maximum = absl::Seconds(10)};
  // A run of this length counts as healthy: the next wait is the first again.
  absl::Duration healthy_after = absl::Seconds(30);
};

// What the servers return when their flags or configuration are wrong, which no restart cures.
inline constexpr int kUsageExitCode = 2;

// A program is started again whenever it ends, also with exit code 0, after a wait that grows; but
// not after kUsageExitCode, and not once it has failed `max_failures` times without ever having
// been ready. Pure: has no clock. Thread-compatible.
class RestartPolicy {
 public:
  RestartPolicy(const RestartOptions& options, uint64_t seed);

  // From here on failures are not counted.
  void AfterReady() { ready_ = true; }

  // How long to wait before the next start; nullopt to give up, `why` then says so in words that go
  // behind the program's name: "was refused its configuration (exit code 2)".
  std::optional<absl::Duration> AfterExit(const ChildExit& exit, absl::Duration ran_for,
                                          std::string& why);

 private:
  const RestartOptions options_;
  Backoff backoff_;
  bool ready_ = false;
  int failures_ = 0;
};

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_RESTART_POLICY_H_
