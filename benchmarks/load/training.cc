#include "benchmarks/load/training.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/time/clock.h"
#include "benchmarks/control_plane/process_usage.h"

namespace outerloop::load {
namespace {

using control_plane::ReadProcessUsage;

[[noreturn]] void GiveUp(const std::string& what, const tests::Cluster& cluster) {
  std::fprintf(stderr, "load: %s\n%s", what.c_str(), cluster.Logs().c_str());
  std::exit(1);
}

// What `call` has answered.
template <typename Value>
Value Get(absl::StatusOr<Value> answer, const tests::Cluster& cluster) {
  if (!answer.ok()) GiveUp(answer.status().ToString(), cluster);
  return *std::move(answer);
}

}  // namespace

Training::Training() {
  cluster_.StartWorker();
  cluster_.AwaitWorkers(1);
  v1::JobSpec spec = tests::SmallMamlJob("trains", 10'000'000);
  spec.mutable_checkpoints()->set_every_steps(500);
  spec.mutable_checkpoints()->set_keep_last(1);
  spec.clear_evaluations();
  job_id_ = cluster_.Submit(spec);
  AwaitStep(20);
}

v1::JobSpec Training::JobThatWaits() const {
  v1::JobSpec spec = tests::SmallMamlJob("waits", 1000);
  spec.mutable_workers()->set_min(2);
  return spec;
}

uint64_t Training::step() { return Get(cluster_.client().GetJob(job_id_), cluster_).step(); }

void Training::AwaitStep(uint64_t step) {
  const v1::Job job =
      cluster_.AwaitJob(job_id_, [step](const v1::Job& job) { return job.step() >= step; });
  if (job.step() < step) GiveUp("no steps: " + job.reason(), cluster_);
}

size_t Training::JobsIn(v1::JobState state) {
  const std::vector<v1::Job> jobs = Get(cluster_.client().ListJobs(), cluster_);
  return std::count_if(jobs.begin(), jobs.end(),
                       [state](const v1::Job& job) { return job.state() == state; });
}

Training::Window Training::Observe(absl::Duration duration) {
  const pid_t coordinator = cluster_.coordinator().pid();
  const absl::Duration theirs = Get(ReadProcessUsage(coordinator), cluster_).cpu;
  const absl::Duration own = Get(ReadProcessUsage(getpid()), cluster_).cpu;
  const absl::Time begin = absl::Now();
  const uint64_t first = step();
  absl::SleepFor(duration);
  Window window;
  window.steps = step() - first;
  window.seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  const auto cores = [&](pid_t pid, absl::Duration before) {
    const absl::Duration used = Get(ReadProcessUsage(pid), cluster_).cpu - before;
    return absl::ToDoubleSeconds(used) / window.seconds;
  };
  window.coordinator_cores = cores(coordinator, theirs);
  window.own_cores = cores(getpid(), own);
  window.step_seconds = StepSeconds(first, first + window.steps);
  return window;
}

std::vector<double> Training::StepSeconds(uint64_t after, uint64_t to) {
  std::vector<double> seconds;
  for (const v1::StepMetrics& step : Get(cluster_.client().ListSteps(job_id_), cluster_)) {
    if (step.step() > after && step.step() <= to) seconds.push_back(step.seconds());
  }
  return seconds;
}

}  // namespace outerloop::load
