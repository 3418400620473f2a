#include "common/log.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace outerloop {

absl::Status InitLogging(const std::string& process, const std::string& level) {
  if (level != "debug" && level != "info" && level != "warn" && level != "error") {
    return absl::InvalidArgumentError(
        absl::StrCat("log level '", level, "': must be one of debug, info, warn, error"));
  }
  auto logger =
      std::make_shared<spdlog::logger>(process, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  const std::string name = absl::StrReplaceAll(process, {{"%", "%%"}});
  logger->set_pattern(absl::StrCat("%Y-%m-%dT%H:%M:%S.%eZ %L ", name, "  %v"),
                      spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
  return absl::OkStatus();
}

}  // namespace outerloop
