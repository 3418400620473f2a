#include "worker/options.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/channel_flags.h"
#include "worker/device_name.h"

namespace outerloop::worker {
namespace {

constexpr int kWrongUsage = 2;
constexpr size_t kMaxNameLength = 63;

std::string DefaultCacheDir() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
    return absl::StrCat(cache, "/outerloop");
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return absl::StrCat(home, "/.cache/outerloop");
  }
  return (std::filesystem::temp_directory_path() / "outerloop-cache").string();
}

std::string HostName() {
  char name[kMaxNameLength + 1] = "";
  gethostname(name, kMaxNameLength);
  return *name == '\0' ? "worker" : name;
}

// CLI11 takes "" for valid, anything else for what is wrong.
std::string CheckAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  int port = 0;
  const bool valid = colon != std::string::npos && colon > 0 &&
                     absl::SimpleAtoi(text.substr(colon + 1), &port) && port >= 1 && port <= 65535;
  return valid ? "" : absl::StrCat("'", text, "' is not HOST:PORT, e.g. localhost:7070");
}

std::string CheckDevice(const std::string& text) {
  if (IsDeviceName(text)) return "";
  return absl::StrCat("'", text, "' is not auto, cpu, cuda or cuda:N");
}

std::string CheckName(const std::string& text) {
  if (!text.empty() && text.size() <= kMaxNameLength) return "";
  return absl::StrCat("'", text, "' is not a name of 1 to ", kMaxNameLength, " characters");
}

void AddFlags(Options& options, CLI::App& app) {
  app.set_version_flag("--version", "outerloop-worker " OUTERLOOP_VERSION);
  app.add_option("--name", options.name, "What this worker is known by, over restarts")
      ->envname("OUTERLOOP_NAME")
      ->check(CheckName)
      ->capture_default_str();
  app.add_option("--coordinator", options.coordinator, "HOST:PORT of the coordinator")
      ->envname("OUTERLOOP_COORDINATOR")
      ->check(CheckAddress)
      ->capture_default_str();
  AddChannelFlags(app, options.security);
  app.add_option("--metrics-host", options.metrics_host,
                 "Address that Prometheus' /metrics is served on; 0.0.0.0: all of this machine's")
      ->envname("OUTERLOOP_METRICS_HOST")
      ->capture_default_str();
  app.add_option("--metrics-port", options.metrics_port,
                 "Port of Prometheus' /metrics; 0 takes a free one and prints it")
      ->envname("OUTERLOOP_METRICS_PORT")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--health-listen", options.health_listen,
                 "HOST:PORT for gRPC's health service, for probes; port 0: a free one")
      ->envname("OUTERLOOP_HEALTH_LISTEN");
  app.add_option("--cache-dir", options.cache_dir, "Folder for copies of data sets")
      ->envname("OUTERLOOP_CACHE_DIR")
      ->capture_default_str();
  app.add_option("--cache-limit", options.cache_limit,
                 "What the copies may take, e.g. 20GiB; those unused longest go first. 0: no limit")
      ->envname("OUTERLOOP_CACHE_LIMIT")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->capture_default_str();
  app.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")
      ->envname("OUTERLOOP_DEVICE")
      ->check(CheckDevice)
      ->capture_default_str();
  app.add_option("--backend", options.back_end,
                 "What computes networks: aten (LibTorch), cpu (kernels for AVX2 and AVX-512), "
                 "cuda (kernels "
                 "and recordings for GPUs) or auto")
      ->envname("OUTERLOOP_BACKEND")
      ->check(CLI::IsMember({"auto", "aten", "cpu", "cuda"}))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Shards computed at a time on a CPU")
      ->envname("OUTERLOOP_THREADS")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--log-level", options.log_level, "debug, info, warn or error")
      ->envname("OUTERLOOP_LOG_LEVEL")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
}

}  // namespace

std::variant<Options, int> ParseOptions(int argc, const char* const* argv, std::ostream& out,
                                        std::ostream& err) {
  Options options;
  options.name = HostName();
  options.cache_dir = DefaultCacheDir();
  options.threads = std::max(1u, std::thread::hardware_concurrency());
  CLI::App app("Computes the steps of meta-training jobs for an outerloop coordinator.",
               "outerloop-worker");
  AddFlags(options, app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, out, err) == 0 ? 0 : kWrongUsage;
  }
  return options;
}

}  // namespace outerloop::worker
