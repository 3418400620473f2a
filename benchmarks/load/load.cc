// What many people at once cost the job that trains, and how long they wait: a coordinator, a
// worker with one thread and --clients clients with a connection each, all on this machine. The job
// is watched before, while and after the clients submit, watch and cancel jobs that cannot begin.
//
// A step's time is rank 0's own. Steps a second also have what lies between steps. The clients need
// a processor too: their share is printed beside the coordinator's. Prints tables, and JSON with
// --json FILE.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "benchmarks/load/training.h"
#include "benchmarks/load/user.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace outerloop::load {
namespace {

struct Flags {
  int clients = 200;
  double seconds = 60;        // Of the load.
  double quiet_seconds = 30;  // Before it, and after it.
  double pause_ms = 1000;
  std::string json;
};

void Define(CLI::App& app, Flags& flags) {
  app.add_option("--clients", flags.clients, "at once")->capture_default_str();
  app.add_option("--seconds", flags.seconds, "of the load")->capture_default_str();
  app.add_option("--quiet-seconds", flags.quiet_seconds, "before the load, and after it")
      ->capture_default_str();
  app.add_option("--pause-ms", flags.pause_ms, "of a client between two calls, on average")
      ->capture_default_str();
  app.add_option("--json", flags.json, "also write the figures to this file");
}

double Quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(q * static_cast<double>(values.size() - 1) + 0.5)];
}

void ReportWindow(const char* name, const Training::Window& window, nlohmann::json& json) {
  const double p50 = 1e3 * Quantile(window.step_seconds, 0.5);
  const double p99 = 1e3 * Quantile(window.step_seconds, 0.99);
  std::printf("%-12s %7llu %8.1f %8.2f %8.2f %12.2f %8.2f\n", name,
              static_cast<unsigned long long>(window.steps), window.steps_per_second(), p50, p99,
              window.coordinator_cores, window.own_cores);
  json[name] = {{"steps_per_second", window.steps_per_second()},
                {"p50_step_ms", p50},
                {"p99_step_ms", p99},
                {"coordinator_cores", window.coordinator_cores},
                {"client_cores", window.own_cores}};
}

void ReportCall(const char* name, control_plane::Latencies& latencies, nlohmann::json& json) {
  const control_plane::LatencySummary calls = latencies.Take();
  const double p50 = absl::ToDoubleMilliseconds(calls.p50);
  const double p99 = absl::ToDoubleMilliseconds(calls.p99);
  const double max = absl::ToDoubleMilliseconds(calls.max);
  std::printf("%-28s %7zu %8.1f %8.1f %8.1f\n", name, calls.count, p50, p99, max);
  json[name] = {{"calls", calls.count}, {"p50_ms", p50}, {"p99_ms", p99}, {"max_ms", max}};
}

Training::Window ObserveUnderLoad(Training& training, const Flags& flags, CallTimes& times) {
  std::vector<std::unique_ptr<User>> users;
  for (int i = 0; i < flags.clients; ++i) {
    users.push_back(std::make_unique<User>(
        UserOptions{training.address(), training.JobThatWaits(), absl::Milliseconds(flags.pause_ms),
                    static_cast<uint64_t>(i)},
        times));
  }
  Training::Window window = training.Observe(absl::Seconds(flags.seconds));
  for (const auto& user : users) user->Stop();
  return window;
}

int Run(const Flags& flags) {
  Training training;
  CallTimes times;
  const Training::Window before = training.Observe(absl::Seconds(flags.quiet_seconds));
  const Training::Window loaded = ObserveUnderLoad(training, flags, times);
  const Training::Window after = training.Observe(absl::Seconds(flags.quiet_seconds));

  nlohmann::json json = {{"clients", flags.clients}};
  std::printf("%-12s %7s %8s %8s %8s %12s %8s\n", "", "steps", "a second", "p50 ms", "p99 ms",
              "coordinator", "clients");
  ReportWindow("before", before, json);
  ReportWindow("under load", loaded, json);
  ReportWindow("after", after, json);
  const double alone = (before.steps_per_second() + after.steps_per_second()) / 2;
  const double slowdown = 1 - loaded.steps_per_second() / alone;
  std::printf("slowdown %.1f %% (steps a second)\n\n", 100 * slowdown);

  std::printf("%-28s %7s %8s %8s %8s\n", "", "calls", "p50 ms", "p99 ms", "max ms");
  ReportCall("SubmitJob", times.submit, json);
  ReportCall("WatchJob, first message", times.watch, json);
  ReportCall("CancelJob", times.cancel, json);
  ReportCall("CancelJob, seen by WatchJob", times.end, json);
  std::printf("repeated calls %d, failed %d\n", times.repeats.load(), times.failures.load());
  json.update({{"slowdown", slowdown}, {"failures", times.failures.load()}});
  if (!flags.json.empty()) std::ofstream(flags.json) << json.dump(2) << "\n";
  return times.failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace outerloop::load

int main(int argc, char** argv) {
  testing::InitGoogleTest();  // The cluster reports failures of set-up through it.
  outerloop::load::Flags flags;
  CLI::App app("Measures what many clients at once cost the job that trains.", "load_benchmark");
  outerloop::load::Define(app, flags);
  CLI11_PARSE(app, argc, argv);
  return outerloop::load::Run(flags);
}
