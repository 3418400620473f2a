#include "worker/worker_metrics.h"

#include <string>

namespace outerloop::worker {
namespace {

prometheus::Counter& AddCounter(prometheus::Registry& registry, const std::string& name,
                                const std::string& help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Histogram::BucketBoundaries Seconds() {
  return {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30};
}

prometheus::Histogram& AddPhase(prometheus::Family<prometheus::Histogram>& family,
                                const std::string& phase) {
  return family.Add({{"phase", phase}}, Seconds());
}

}  // namespace

WorkerMetrics::WorkerMetrics(prometheus::Registry& registry)
    : steps(AddCounter(registry, "outerloop_worker_steps_total", "Outer steps done.")),
      tasks(AddCounter(registry, "outerloop_worker_tasks_total", "Tasks trained on.")),
      reconnects(AddCounter(registry, "outerloop_worker_reconnects_total",
                            "Sessions opened again after one was lost.")),
      cache_hits(AddCounter(registry, "outerloop_worker_cache_hits_total",
                            "Data sets that were in the cache.")),
      cache_misses(AddCounter(registry, "outerloop_worker_cache_misses_total",
                              "Data sets that had to be fetched.")),
      step_duration(prometheus::BuildHistogram()
                        .Name("outerloop_worker_step_duration_seconds")
                        .Help("Wall time of the phases of a step.")
                        .Register(registry)),
      plan(AddPhase(step_duration, "plan")),
      adapt(AddPhase(step_duration, "adapt")),
      reduce(AddPhase(step_duration, "reduce")),
      update(AddPhase(step_duration, "update")),
      checkpoint(prometheus::BuildHistogram()
                     .Name("outerloop_worker_checkpoint_seconds")
                     .Help("Time from a checkpoint's turn to its being stored, retries included.")
                     .Register(registry)
                     .Add({}, Seconds())),
      connected(prometheus::BuildGauge()
                    .Name("outerloop_worker_connected")
                    .Help("Whether the coordinator has welcomed this worker and is still there.")
                    .Register(registry)
                    .Add({})) {}

}  // namespace outerloop::worker
