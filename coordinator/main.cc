// outerloop-coordinator: jobs, task sampling, data sets and artifacts of one cluster.
#include <cstdio>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/channel_flags.h"
#include "common/file_limit.h"
#include "common/log.h"
#include "common/mutex_checks.h"
#include "common/shutdown_signal.h"
#include "common/version.h"
#include "coordinator/options.h"
#include "coordinator/server.h"

namespace outerloop::coordinator {
namespace {

// Exit codes. A supervisor restarts after 1; after 2 it would fail in the same way.
constexpr int kFailure = 1;
constexpr int kUsage = 2;

// A flag in seconds; more than 0.
void DefineSeconds(CLI::App& app, const std::string& flag, const char* variable,
                   absl::Duration& value, const std::string& text) {
  const auto set = [&value](const double& seconds) { value = absl::Seconds(seconds); };
  app.add_option_function<double>(flag, set, text + ", in seconds")
      ->envname(variable)
      ->check(CLI::PositiveNumber)
      ->default_str(std::to_string(absl::ToInt64Seconds(value)));
}

void DefineLimits(CLI::App& app, Limits& limits) {
  app.add_option("--max-connections", limits.connections,
                 "connections at a time; 0: what the limit of open files allows")
      ->envname("OUTERLOOP_MAX_CONNECTIONS")
      ->capture_default_str();
  app.add_option("--max-streams", limits.streams, "calls at a time over one connection")
      ->envname("OUTERLOOP_MAX_STREAMS")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--max-message-mib", limits.message_mib, "MiB of a message that comes in")
      ->envname("OUTERLOOP_MAX_MESSAGE_MIB")
      ->check(CLI::Range(2, 1024))  // A chunk of a file has one.
      ->capture_default_str();
  app.add_option("--max-jobs-per-owner", limits.jobs,
                 "jobs of one owner that have not ended; 0: any number")
      ->envname("OUTERLOOP_MAX_JOBS_PER_OWNER")
      ->capture_default_str();
  app.add_option("--max-uploads-per-owner", limits.uploads,
                 "data sets that one owner sends at a time; 0: any number")
      ->envname("OUTERLOOP_MAX_UPLOADS_PER_OWNER")
      ->capture_default_str();
  DefineSeconds(app, "--handshake-timeout", "OUTERLOOP_HANDSHAKE_TIMEOUT", limits.handshake,
                "time for a connection to say what it must");
  DefineSeconds(app, "--idle-timeout", "OUTERLOOP_IDLE_TIMEOUT", limits.idle,
                "time that a connection without a call stays");
  DefineSeconds(app, "--upload-timeout", "OUTERLOOP_UPLOAD_TIMEOUT", limits.silence,
                "time between two messages of an upload");
}

void Define(CLI::App& app, Options& options) {
  app.set_version_flag("--version", std::string(kVersion));
  app.add_option("--listen", options.listen,
                 "HOST:PORT for clients and workers; port 0: a free one")
      ->envname("OUTERLOOP_LISTEN")
      ->capture_default_str();
  AddTlsFlags(app, options.security.tls);
  app.add_option("--tokens-file", options.security.tokens_file,
                 "file with a line ROLE NAME TOKEN for each bearer token that counts")
      ->envname("OUTERLOOP_TOKENS_FILE");
  app.add_option("--audit-log", options.audit_log, "file to add a line to for each change")
      ->envname("OUTERLOOP_AUDIT_LOG");
  app.add_flag("--insecure", options.security.insecure,
               "let --listen be an address that other machines reach, without TLS")
      ->envname("OUTERLOOP_INSECURE");
  app.add_option("--metrics-port", options.metrics_port, "Prometheus metrics; 0: a free one")
      ->envname("OUTERLOOP_METRICS_PORT")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--health-listen", options.health_listen,
                 "HOST:PORT for gRPC's health service alone, for probes; port 0: a free one")
      ->envname("OUTERLOOP_HEALTH_LISTEN");
  app.add_option("--data-dir", options.data_dir, "folder for everything the coordinator keeps")
      ->envname("OUTERLOOP_DATA_DIR")
      ->required();
  app.add_option("--worker-quota", options.worker_quota,
                 "workers that the jobs of one owner have together, at most; 0: any number")
      ->envname("OUTERLOOP_WORKER_QUOTA")
      ->capture_default_str();
  DefineLimits(app, options.limits);
  app.add_option("--log-level", options.log_level, "debug, info, warn or error")
      ->envname("OUTERLOOP_LOG_LEVEL")
      ->capture_default_str();
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "outerloop-coordinator: %s\n", std::string(status.message()).c_str());
  // What another start would not change either.
  return absl::IsFailedPrecondition(status) || absl::IsAlreadyExists(status) ||
                 absl::IsInvalidArgument(status)
             ? kUsage
             : kFailure;
}

int Main(int argc, char** argv) {
  DisableMutexChecks();
  absl::Notification stop;
  ShutdownSignal signal([&stop](int) {
    if (!stop.HasBeenNotified()) stop.Notify();
  });
  Options options;
  CLI::App app(
      "outerloop-coordinator: jobs, task sampling, data sets and artifacts of one cluster");
  Define(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  if (absl::Status status = InitLogging("coordinator", options.log_level); !status.ok()) {
    return Fail(status);
  }
  RaiseFileLimit();  // A connection for each worker.
  auto server = Server::Start(options);
  if (!server.ok()) return Fail(server.status());
  std::printf("listening on %s\nmetrics on %s\n", (*server)->address().c_str(),
              (*server)->metrics_address().c_str());
  if (!options.health_listen.empty()) {
    std::printf("health on %s\n", (*server)->health_address().c_str());
  }
  std::fflush(stdout);
  spdlog::info("listening on {}, data in {}", (*server)->address(), options.data_dir);
  stop.WaitForNotification();
  spdlog::info("shutting down");
  (*server)->Shutdown(absl::Seconds(2));
  return 0;
}

}  // namespace
}  // namespace outerloop::coordinator

int main(int argc, char** argv) { return outerloop::coordinator::Main(argc, argv); }
