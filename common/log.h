// Log lines on standard error, by spdlog: "2026-01-31T12:00:00.000Z I coordinator  text".
#ifndef OUTERLOOP_COMMON_LOG_H_
#define OUTERLOOP_COMMON_LOG_H_

#include <string>

#include "absl/status/status.h"
#include "spdlog/spdlog.h"

namespace outerloop {

// Sets up the process's log: UTC times and `process` in every line. `level` is one of debug, info,
// warn, error; INVALID_ARGUMENT otherwise. Call once, before any thread is started. Log with
// spdlog::info("...", ...) and its kin, which are thread-safe.
absl::Status InitLogging(const std::string& process, const std::string& level);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_LOG_H_
