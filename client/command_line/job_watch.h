// A job watched from the command line.
#ifndef OUTERLOOP_CLIENT_COMMAND_LINE_JOB_WATCH_H_
#define OUTERLOOP_CLIENT_COMMAND_LINE_JOB_WATCH_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/command_line/session.h"

namespace outerloop::client {

// Shows the progress of `job` (an id or a name) until it has ended, then its results. kSuccess only
// if it SUCCEEDED. Ctrl-C leaves the job running and says how to come back.
absl::StatusOr<int> WatchToEnd(const Session& session, const std::string& job);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_COMMAND_LINE_JOB_WATCH_H_
