#include "client/restart_policy.h"

#include "absl/strings/str_cat.h"

namespace outerloop::client {

RestartPolicy::RestartPolicy(const RestartOptions& options, uint64_t seed)
    : options_(options), backoff_(options.backoff, seed) {}

std::optional<absl::Duration> RestartPolicy::AfterExit(const ChildExit& exit,
                                                       absl::Duration ran_for, std::string& why) {
  if (exit.signal == 0 && exit.code == kUsageExitCode) {
    why = absl::StrCat("cannot work with its configuration (", exit.ToString(), ")");
    return std::nullopt;
  }
  ++failures_;
  if (!ready_ && options_.max_failures > 0 && failures_ >= options_.max_failures) {
    why = absl::StrCat("ended ", failures_, " times before it was ready, the last time with ",
                       exit.ToString());
    return std::nullopt;
  }
  if (ran_for >= options_.healthy_after) backoff_.Reset();
  return backoff_.Next();
}

}  // namespace outerloop::client
