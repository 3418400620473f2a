#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "client/command_line/verbs.h"
#include "client/local_cluster.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

// The folder of the running program.
std::string OwnFolder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

// $XDG_STATE_HOME/outerloop, or ~/.local/state/outerloop (XDG Base Directory Specification); "" if
// neither variable is set.
std::string DefaultDataDir() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != '\0') {
    return absl::StrCat(state, "/outerloop");
  }
  const char* home = std::getenv("HOME");
  return home == nullptr ? "" : absl::StrCat(home, "/.local/state/outerloop");
}

// All cores, shared out among the workers.
int DefaultThreads(int workers) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return std::max(1, cores / std::max(1, workers));
}

void PrintStarted(const Session& session, const LocalClusterOptions& options,
                  const LocalCluster& cluster) {
  session.Print({{"address", cluster.address()},
                 {"metrics_address", cluster.metrics_address()},
                 {"workers", options.workers},
                 {"threads", options.threads},
                 {"data_dir", options.data_dir}},
                absl::StrCat("outerloop is up at ", cluster.address(), " with ", options.workers,
                             options.workers == 1 ? " worker of " : " workers of ", options.threads,
                             options.threads == 1 ? " thread" : " threads", "\n  metrics  http://",
                             cluster.metrics_address(), "/metrics\n  data     ", options.data_dir,
                             "\nCtrl-C ends it; what it holds is kept.\n"));
}

// Its processes would read the same variables, and are not told apart by any certificate.
absl::Status CheckPlain(const Session& session) {
  if (!session.security.any()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "`outerloop up` has neither TLS nor tokens: leave the flags --tls-... and --token-file and "
      "their variables away, or start outerloop-coordinator and outerloop-worker yourself");
}

absl::StatusOr<int> Up(const Session& session, LocalClusterOptions options) {
  RETURN_IF_ERROR(CheckPlain(session));
  if (options.threads == 0) options.threads = DefaultThreads(options.workers);
  absl::Mutex mutex;  // Of `err`, for the threads that log.
  options.log = [&](const std::string& text) {
    absl::MutexLock lock(&mutex);
    session.console.err << text << std::endl;
  };
  const auto cluster = LocalCluster::Start(options, session.stop);
  if (absl::IsCancelled(cluster.status())) return kSuccess;
  RETURN_IF_ERROR(cluster.status());
  PrintStarted(session, options, **cluster);
  const absl::Status end = (*cluster)->Wait(session.stop);
  (*cluster)->Stop();
  RETURN_IF_ERROR(end);
  return kSuccess;
}

}  // namespace

void AddUp(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("up", "Run a coordinator and workers on this machine");
  auto options = std::make_shared<LocalClusterOptions>();
  options->bin_dir = OwnFolder();
  options->data_dir = DefaultDataDir();
  options->threads = 0;
  verb->add_option("--workers", options->workers, "Workers to run")->capture_default_str();
  verb->add_option("--threads", options->threads,
                   "Threads of each worker; default: all cores, shared out");
  verb->add_option("--listen", options->listen, "Address of the coordinator; port 0: a free one")
      ->capture_default_str();
  verb->add_flag("--insecure", options->insecure,
                 "Let --listen be an address that other machines reach, without TLS");
  verb->add_option("--metrics-port", options->metrics_port,
                   "The coordinator's Prometheus metrics; 0: a free port")
      ->capture_default_str();
  verb->add_option("--worker-metrics-port", options->worker_metrics_port,
                   "The first worker's, the others' follow; 0: free ports")
      ->capture_default_str();
  verb->add_option("--data-dir", options->data_dir, "Folder for all that is kept")
      ->capture_default_str();
  verb->add_option("--bin-dir", options->bin_dir,
                   "Folder of outerloop-coordinator and outerloop-worker");
  verb->callback([&session, options] {
    if (options->data_dir.empty()) throw CLI::RequiredError("--data-dir (HOME is not set)");
    session.run = [&session, options] { return Up(session, *options); };
  });
}

}  // namespace outerloop::client
