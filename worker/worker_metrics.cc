#include "worker/worker_metrics.h"

#include <string>

#include "common/metrics.h"

namespace outerloop::worker {
namespace {

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
      step_duration(AddHistograms(registry, "outerloop_worker_step_duration_seconds",
                                  "Wall time of the phases of a step.")),
      plan(AddPhase(step_duration, "plan")),
      adapt(AddPhase(step_duration, "adapt")),
      reduce(AddPhase(step_duration, "reduce")),
      update(AddPhase(step_duration, "update")),
      checkpoint(
          AddHistograms(registry, "outerloop_worker_checkpoint_seconds",
                        "Time from a checkpoint's turn to its being stored, retries included.")
              .Add({}, Seconds())),
      connected(AddGauge(registry, "outerloop_worker_connected",
                         "Whether the coordinator has welcomed this worker and is still there.")) {}

}  // namespace outerloop::worker
