// What a worker tells Prometheus.
#ifndef OUTERLOOP_WORKER_WORKER_METRICS_H_
#define OUTERLOOP_WORKER_WORKER_METRICS_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace outerloop::worker {

// Every metric, looked up once. The registry must outlive it. Metrics are thread-safe.
struct WorkerMetrics {
  explicit WorkerMetrics(prometheus::Registry& registry);

  prometheus::Counter& steps;         // outerloop_worker_steps_total
  prometheus::Counter& tasks;         // outerloop_worker_tasks_total: trained on, by this worker
  prometheus::Counter& reconnects;    // outerloop_worker_reconnects_total
  prometheus::Counter& cache_hits;    // outerloop_worker_cache_hits_total: data sets
  prometheus::Counter& cache_misses;  // outerloop_worker_cache_misses_total
  // outerloop_worker_step_duration_seconds{phase=..}
  prometheus::Family<prometheus::Histogram>& step_duration;
  prometheus::Histogram& plan;        // Between two steps: waiting for a plan, copying checkpoints.
  prometheus::Histogram& adapt;       // Inner loops and meta-gradients of the own shards.
  prometheus::Histogram& reduce;      // The sum over the group: network and waiting for others.
  prometheus::Histogram& update;      // Meta-optimizer and digest.
  prometheus::Histogram& checkpoint;  // outerloop_worker_checkpoint_seconds
  prometheus::Gauge& connected;       // outerloop_worker_connected: 1 or 0
};

// Observes the seconds from its making to its end.
class PhaseTimer {
 public:
  explicit PhaseTimer(prometheus::Histogram& histogram)
      : histogram_(histogram), start_(absl::Now()) {}
  ~PhaseTimer() { histogram_.Observe(absl::ToDoubleSeconds(absl::Now() - start_)); }
  PhaseTimer(const PhaseTimer&) = delete;
  PhaseTimer& operator=(const PhaseTimer&) = delete;

 private:
  prometheus::Histogram& histogram_;
  const absl::Time start_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_WORKER_METRICS_H_
