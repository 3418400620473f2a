// What metrics cost on the paths that every step takes: the coordinator counts what follows from
// each event, the worker times the phases of each step, and each call is counted by method and
// code. Compare with a step, which takes a millisecond or more.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "benchmark/benchmark.h"
#include "coordinator/service/engine_metrics.h"
#include "coordinator/service/rpc_metrics.h"
#include "prometheus/registry.h"
#include "worker/worker_metrics.h"

namespace outerloop {
namespace {

using coordinator::Core;
using coordinator::Effects;
using coordinator::SessionId;

coordinator::JobRecord MakeJob() {
  coordinator::JobRecord job;
  job.job_id = "job-1";
  job.spec.set_name("job");
  job.spec.mutable_training()->set_steps(1'000'000'000);
  job.spec.mutable_training()->set_tasks_per_step(4);
  job.spec.mutable_training()->set_tasks_per_shard(2);
  job.spec.mutable_workers()->set_min(1);
  job.created = absl::Now();
  return job;
}

// A state machine whose only job trains on one worker, and the next report of that worker.
class Training {
 public:
  Training() : core_(coordinator::CoreOptions{}) {
    core_.Apply(coordinator::JobAdmitted{MakeJob()}, absl::Now());
    coordinator::WorkerConnected worker;
    worker.session = 1;
    worker.worker_id = worker.name = "worker";
    worker.numerics.set_device("cpu");
    core_.Apply(worker, absl::Now());
    core_.Apply(coordinator::MemberReady{1, "job-1", 1, std::nullopt}, absl::Now());
  }
  Effects FinishStep() {
    v1::StepMetrics metrics;
    metrics.set_step(++step_);
    metrics.set_loss(1);
    metrics.set_seconds(0.001);
    return core_.Apply(coordinator::StepFinished{1, "job-1", 1, "digest", metrics}, absl::Now());
  }
  const Core& core() const { return core_; }

 private:
  Core core_;
  uint64_t step_ = 0;
};

// One step as the coordinator's thread sees it, with and without its being counted.
void CoordinatorStep(benchmark::State& state) {
  const bool counted = state.range(0) == 1;
  Training training;
  prometheus::Registry registry;
  coordinator::EngineMetrics metrics(registry);
  for (auto _ : state) {
    const Effects effects = training.FinishStep();
    if (counted) metrics.Count(training.core(), effects, absl::Now());
    benchmark::DoNotOptimize(effects);
  }
}
BENCHMARK(CoordinatorStep)->ArgName("counted")->Arg(0)->Arg(1);

// All that one step of a worker counts.
void WorkerStep(benchmark::State& state) {
  prometheus::Registry registry;
  worker::WorkerMetrics metrics(registry);
  for (auto _ : state) {
    metrics.plan.Observe(0.0001);
    { const worker::PhaseTimer timer(metrics.adapt); }
    { const worker::PhaseTimer timer(metrics.reduce); }
    { const worker::PhaseTimer timer(metrics.update); }
    metrics.steps.Increment();
    metrics.tasks.Increment(4);
  }
}
BENCHMARK(WorkerStep);

void Call(benchmark::State& state) {
  prometheus::Registry registry;
  coordinator::RpcMetrics metrics(registry);
  const std::string method = "JobService/GetJob";
  for (auto _ : state) metrics.Count(method, grpc::StatusCode::OK, absl::Microseconds(300));
}
BENCHMARK(Call);

}  // namespace
}  // namespace outerloop

BENCHMARK_MAIN();
