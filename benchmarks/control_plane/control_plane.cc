// The coordinator under the load of thousands of workers: outerloop-coordinator as a process of its
// own, and workers that speak its protocol and compute nothing, all on this machine. Runs every
// combination of --workers and --group-size, prints a table, and writes JSON where asked.
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "benchmarks/control_plane/experiment.h"
#include "benchmarks/control_plane/report.h"
#include "common/atomic_file.h"
#include "common/file_limit.h"
#include "common/mutex_checks.h"

namespace outerloop::control_plane {
namespace {

struct Flags {
  std::vector<uint32_t> workers = {1000};
  std::vector<uint32_t> group_sizes = {0, 4};
  double step_ms = 500;
  double seconds = 10;
  double heartbeat_ms = 250;
  std::string json;
  Scenario scenario;
};

void Define(CLI::App& app, Flags& flags) {
  app.add_option("--workers", flags.workers, "simulated workers, one or several numbers")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--group-size", flags.group_sizes, "workers of a job; 0: all in one")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--step-ms", flags.step_ms, "time of a step")->capture_default_str();
  app.add_option("--seconds", flags.seconds, "of the measurement, after a warm-up of three")
      ->capture_default_str();
  app.add_option("--heartbeat-ms", flags.heartbeat_ms, "of each worker; 0: none")
      ->capture_default_str();
  app.add_option("--cuts", flags.scenario.cuts, "workers to cut off, one after another")
      ->capture_default_str();
  app.add_option("--workers-per-connection", flags.scenario.workers_per_connection,
                 "workers that share a connection; real ones have one each")
      ->capture_default_str();
  app.add_option("--dataset", flags.scenario.dataset, "strokes or sinusoid")->capture_default_str();
  app.add_option("--coordinator", flags.scenario.coordinator, "path of outerloop-coordinator")
      ->capture_default_str();
  app.add_option("--json", flags.json, "file to write the results to");
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "control_plane_benchmark: %s\n", status.ToString().c_str());
  return 1;
}

absl::StatusOr<std::vector<Result>> RunAll(const Flags& flags) {
  std::vector<Result> results;
  for (const uint32_t workers : flags.workers) {
    for (const uint32_t group_size : flags.group_sizes) {
      Scenario scenario = flags.scenario;
      scenario.workers = workers;
      scenario.group_size = group_size;
      scenario.step_time = absl::Milliseconds(flags.step_ms);
      scenario.duration = absl::Seconds(flags.seconds);
      scenario.heartbeat_period = absl::Milliseconds(flags.heartbeat_ms);
      auto result = RunExperiment(scenario);
      if (!result.ok()) return result.status();
      results.push_back(*std::move(result));
    }
  }
  return results;
}

int Main(int argc, char** argv) {
  Flags flags;
  flags.scenario.coordinator =
      std::filesystem::canonical("/proc/self/exe").parent_path() / "outerloop-coordinator";
  CLI::App app("control_plane_benchmark: the coordinator under the load of thousands of workers");
  Define(app, flags);
  CLI11_PARSE(app, argc, argv);
  DisableMutexChecks();
  RaiseFileLimit();
  const auto results = RunAll(flags);
  if (!results.ok()) return Fail(results.status());
  std::printf("%s", ToTable(*results).c_str());
  if (flags.json.empty()) return 0;
  const absl::Status written = WriteFileAtomically(flags.json, ToJson(*results) + "\n");
  return written.ok() ? 0 : Fail(written);
}

}  // namespace
}  // namespace outerloop::control_plane

int main(int argc, char** argv) { return outerloop::control_plane::Main(argc, argv); }
