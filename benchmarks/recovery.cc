// How long training stands still when something is killed: four workers with one thread each and a
// coordinator, real processes on this machine, and a job on the strokes.
//
// - killed: a random worker gets SIGKILL: from the signal to the first step finished without it.
// - silent: a random worker gets SIGSTOP: likewise.
// - coordinator: it gets SIGKILL and is started again at once: the longest time between two steps
//   from then until twenty steps after it serves again.
//
// Steps are seen by polling a survivor's own metrics, every few milliseconds. `undisturbed` is the
// time of a step in the same run. Prints a table, and JSON with --json FILE.
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/test_scrape.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/cluster.h"

namespace outerloop::tests {
namespace {

constexpr size_t kWorkers = 4;
constexpr absl::Duration kPollPeriod = absl::Milliseconds(3);
constexpr absl::Duration kPatience = absl::Minutes(2);

[[noreturn]] void GiveUp(const std::string& what, const Cluster& cluster) {
  std::fprintf(stderr, "recovery: %s\n%s", what.c_str(), cluster.Logs().c_str());
  std::exit(1);
}

// The steps that one worker has finished, watched from outside.
class StepWatch {
 public:
  explicit StepWatch(int port) : port_(port), steps_(Read()) {}

  // When the next step (or the next few, if they came within one period) was seen.
  absl::Time AwaitStep(const Cluster& cluster) {
    const absl::Time deadline = absl::Now() + kPatience;
    for (double steps; absl::Now() < deadline; absl::SleepFor(kPollPeriod)) {
      if ((steps = Read()) <= steps_) continue;
      steps_ = steps;
      return absl::Now();
    }
    GiveUp("no step in two minutes", cluster);
  }

 private:
  double Read() const { return Total(Scrape(port_), "outerloop_worker_steps_total"); }

  const int port_;
  double steps_;
};

// Times between steps, in seconds.
struct Gaps {
  double longest = 0;
  absl::Time end_of_longest;
};

Gaps Observe(StepWatch& watch, absl::Time since, int steps, const Cluster& cluster) {
  Gaps gaps;
  for (absl::Time last = since; steps > 0; --steps) {
    const absl::Time now = watch.AwaitStep(cluster);
    const double gap = absl::ToDoubleSeconds(now - last);
    if (gap > gaps.longest) gaps = {gap, now};
    last = now;
  }
  return gaps;
}

double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const auto index = static_cast<size_t>(q * static_cast<double>(values.size() - 1) + 0.5);
  return values.at(index);
}

// A cluster in training.
class Trial {
 public:
  Trial() {
    for (size_t i = 0; i < kWorkers; ++i) ports_.push_back(PortOf(cluster_.StartWorker()));
    cluster_.AwaitWorkers(kWorkers);
    v1::JobSpec spec = SmallMamlJob("recovery", 10'000'000);
    spec.mutable_model()->mutable_conv4()->set_filters(32);
    spec.mutable_training()->set_tasks_per_step(16);
    spec.mutable_checkpoints()->set_every_steps(500);
    spec.mutable_checkpoints()->set_keep_last(1);
    spec.clear_evaluations();
    job_id_ = cluster_.Submit(spec);
  }

  Cluster& cluster() { return cluster_; }
  v1::Job Job() { return *cluster_.client().GetJob(job_id_); }
  StepWatch Watch(size_t worker) { return StepWatch(ports_.at(worker)); }

  // Until all workers train together; then ten steps more.
  void AwaitWholeGroup() {
    const v1::Job job = cluster_.AwaitJob(job_id_, [](const v1::Job& job) {
      return job.state() == v1::RUNNING && job.workers() == kWorkers;
    });
    if (job.workers() != kWorkers) GiveUp("the group is not whole: " + job.reason(), cluster_);
    StepWatch watch = Watch(0);
    Observe(watch, absl::Now(), 10, cluster_);
  }

  std::vector<double> StepSeconds(int steps) {
    AwaitWholeGroup();
    StepWatch watch = Watch(0);
    std::vector<double> seconds;
    for (absl::Time last = watch.AwaitStep(cluster_); steps > 0; --steps) {
      const absl::Time now = watch.AwaitStep(cluster_);
      seconds.push_back(absl::ToDoubleSeconds(now - last));
      last = now;
    }
    return seconds;
  }

  // Seconds from the signal to the first step without the victim.
  double LoseAWorker(int signal) {
    AwaitWholeGroup();
    const size_t victim = random_() % kWorkers;
    StepWatch watch = Watch((victim + 1) % kWorkers);
    const absl::Time begin = absl::Now();
    cluster_.worker(victim).Signal(signal);
    const Gaps gaps = Observe(watch, begin, 4, cluster_);
    ports_[victim] = PortOf(cluster_.ReplaceWorker(victim));
    return absl::ToDoubleSeconds(gaps.end_of_longest - begin);
  }

  struct Outage {
    double seconds = 0;       // From the signal to a coordinator that serves.
    double longest_gap = 0;   // Between two steps of training.
    bool interrupted = true;  // Whether the group had to form anew.
  };
  Outage LoseTheCoordinator() {
    AwaitWholeGroup();
    const uint64_t generation = Job().generation();
    StepWatch watch = Watch(0);
    Outage outage;
    const absl::Time begin = watch.AwaitStep(cluster_);
    cluster_.KillCoordinator();
    cluster_.StartCoordinator();
    outage.seconds = absl::ToDoubleSeconds(absl::Now() - begin);
    outage.longest_gap = Observe(watch, absl::Now(), 20, cluster_).longest;
    outage.interrupted = Job().generation() != generation;
    return outage;
  }

 private:
  static int PortOf(Process& worker) {
    return std::atoi(worker.AwaitLine("metrics on localhost:").c_str());
  }

  Cluster cluster_;
  std::vector<int> ports_;  // Of the workers' metrics.
  std::string job_id_;
  std::mt19937_64 random_{1};
};

struct Options {
  int kills = 100;
  int stops = 10;
  int outages = 10;
  std::string json;
};

void PrintRow(const char* name, const std::vector<double>& seconds, double step,
              nlohmann::json& json) {
  const double p50 = Quantile(seconds, 0.5), p99 = Quantile(seconds, 0.99);
  std::printf("%-24s %6zu %8.3f %8.3f %8.3f %9.1f %9.1f\n", name, seconds.size(), p50, p99,
              Quantile(seconds, 1), p50 / step, p99 / step);
  json[name] = {{"trials", seconds.size()}, {"p50_seconds", p50},
                {"p99_seconds", p99},       {"p50_steps", p50 / step},
                {"p99_steps", p99 / step},  {"max_seconds", Quantile(seconds, 1)}};
}

int Run(const Options& options) {
  Trial trial;
  const std::vector<double> steps = trial.StepSeconds(200);
  const double step = Quantile(steps, 0.5);
  nlohmann::json json = {{"step_seconds", step}};
  std::printf("%-24s %6s %8s %8s %8s %9s %9s\n", "", "trials", "p50 s", "p99 s", "max s",
              "p50 steps", "p99 steps");
  PrintRow("undisturbed", steps, step, json);

  std::vector<double> seconds;
  for (int i = 0; i < options.kills; ++i) seconds.push_back(trial.LoseAWorker(SIGKILL));
  if (!seconds.empty()) PrintRow("killed", seconds, step, json);

  seconds.clear();
  for (int i = 0; i < options.stops; ++i) seconds.push_back(trial.LoseAWorker(SIGSTOP));
  if (!seconds.empty()) PrintRow("silent", seconds, step, json);

  seconds.clear();
  std::vector<double> outages;
  int interrupted = 0;
  for (int i = 0; i < options.outages; ++i) {
    const Trial::Outage outage = trial.LoseTheCoordinator();
    seconds.push_back(outage.longest_gap);
    outages.push_back(outage.seconds);
    interrupted += outage.interrupted;
  }
  if (!seconds.empty()) {
    PrintRow("coordinator, longest gap", seconds, step, json);
    PrintRow("coordinator, absence", outages, step, json);
    std::printf("groups that had to form anew: %d of %zu\n", interrupted, seconds.size());
    json["interrupted"] = interrupted;
  }
  if (!options.json.empty()) std::ofstream(options.json) << json.dump(2) << "\n";
  return 0;
}

}  // namespace
}  // namespace outerloop::tests

int main(int argc, char** argv) {
  testing::InitGoogleTest();  // The cluster reports failures of set-up through it.
  outerloop::tests::Options options;
  CLI::App app("Measures how long training stands still when something is killed.",
               "recovery_benchmark");
  app.add_option("--kills", options.kills, "SIGKILLs of a worker")->capture_default_str();
  app.add_option("--stops", options.stops, "SIGSTOPs of a worker")->capture_default_str();
  app.add_option("--outages", options.outages, "SIGKILLs of the coordinator")
      ->capture_default_str();
  app.add_option("--json", options.json, "Also write the figures to this file");
  CLI11_PARSE(app, argc, argv);
  return outerloop::tests::Run(options);
}
