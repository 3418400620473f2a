// Runs the cluster through many random schedules of faults.
//
//   simulate [--seeds N] [--first SEED] [--threads N] [--mutation NAME|all]
//   simulate --seed SEED [--trace] [--mutation NAME]
#include <atomic>
#include <iostream>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "tests/simulation/world.h"

namespace outerloop::simulation {
namespace {

struct Options {
  uint64_t seeds = 1000;
  uint64_t first = 1;
  unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  std::string mutation;
  std::optional<uint64_t> seed;
  bool trace = false;
};

struct Failure {
  uint64_t seed;
  std::string violation;
};

// Of many runs.
struct Summary {
  Counts counts;
  std::vector<Failure> failures;  // In the order in which they were found.
};

// Goes on to the last seed, or, if `stop`, until a violation is found.
Summary SimulateAll(const Options& options, Mutation mutation, bool stop) {
  Summary summary;
  std::mutex mutex;
  std::atomic<uint64_t> next = options.first;
  std::atomic<bool> stopped = false;
  const auto work = [&] {
    while (!stopped) {
      const uint64_t seed = next++;
      if (seed >= options.first + options.seeds) return;
      const Verdict verdict = Simulate(seed, mutation);
      const std::lock_guard<std::mutex> lock(mutex);
      summary.counts.Add(verdict.counts);
      if (verdict.violation.empty()) continue;
      summary.failures.push_back({seed, verdict.violation});
      stopped = stop;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.threads; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  return summary;
}

void Print(const std::string& title, const std::map<std::string, uint64_t>& counts) {
  std::cout << "\n| " << title << " | times |\n| --- | ---: |\n";
  for (const auto& [name, count] : counts) {
    std::cout << absl::StrFormat("| %s | %d |\n", name, count);
  }
}

void Print(const Failure& failure, const std::string& mutation) {
  std::cout << absl::StrFormat("seed %d: %s\n  replay: simulate --seed %d --trace%s\n",
                               failure.seed, failure.violation, failure.seed,
                               mutation.empty() ? "" : " --mutation " + mutation);
}

// Whether the mutation was caught.
bool Try(const Options& options, const MutationName& mutation) {
  const Summary summary = SimulateAll(options, mutation.mutation, /*stop=*/true);
  if (summary.failures.empty()) {
    std::cout << absl::StrFormat("| %s | not caught | |\n", mutation.name);
    return false;
  }
  const Failure& first = summary.failures.front();
  std::cout << absl::StrFormat("| %s | %d | %s |", mutation.name,
                               summary.counts.activity.at("schedules"), first.violation)
            << std::endl;
  return true;
}

int TryMutations(const Options& options) {
  std::cout << "| mutation | caught after schedules | by |\n| --- | ---: | --- |\n";
  bool found = false, caught = true;
  for (const MutationName& mutation : kMutations) {
    if (options.mutation != "all" && options.mutation != mutation.name) continue;
    found = true;
    caught = Try(options, mutation) && caught;
  }
  if (!found) std::cerr << "there is no mutation '" << options.mutation << "'\n";
  return found && caught ? 0 : 1;
}

int Replay(const Options& options) {
  Mutation mutation = Mutation::kNone;
  for (const MutationName& known : kMutations) {
    if (options.mutation == known.name) mutation = known.mutation;
  }
  Trace::Sink sink;
  if (options.trace) sink = [](const std::string& line) { std::cout << line << "\n"; };
  const Verdict verdict = Simulate(*options.seed, mutation, sink);
  std::cout << (verdict.violation.empty() ? "every invariant held" : verdict.violation) << "\n";
  return verdict.violation.empty() ? 0 : 1;
}

int SimulateMany(const Options& options) {
  const absl::Time begin = absl::Now();
  const Summary summary = SimulateAll(options, Mutation::kNone, /*stop=*/false);
  Print("activity", summary.counts.activity);
  Print("fault", summary.counts.faults);
  Print("invariant", summary.counts.checks);
  std::cout << absl::StrFormat("\n%d of %d schedules violated an invariant, in %.0f s\n",
                               summary.failures.size(), options.seeds,
                               absl::ToDoubleSeconds(absl::Now() - begin));
  for (size_t i = 0; i < summary.failures.size() && i < 200; ++i) Print(summary.failures[i], "");
  return summary.failures.empty() ? 0 : 1;
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Runs the coordinator's and the workers' logic through simulated faults.");
  app.add_option("--seeds", options.seeds, "Schedules to run");
  app.add_option("--first", options.first, "Seed of the first");
  app.add_option("--threads", options.threads, "Schedules to run at a time");
  app.add_option("--mutation", options.mutation, "A deliberate mistake to find, or 'all'");
  app.add_option("--seed", options.seed, "Run this schedule alone");
  app.add_flag("--trace", options.trace, "Print all that happens in it");
  CLI11_PARSE(app, argc, argv);
  if (options.seed) return Replay(options);
  return options.mutation.empty() ? SimulateMany(options) : TryMutations(options);
}

}  // namespace
}  // namespace outerloop::simulation

int main(int argc, char** argv) { return outerloop::simulation::Main(argc, argv); }
