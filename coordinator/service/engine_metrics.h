// The coordinator's metrics about jobs, workers and its store.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_ENGINE_METRICS_H_
#define OUTERLOOP_COORDINATOR_SERVICE_ENGINE_METRICS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/core/effects.h"
#include "coordinator/service/board.h"
#include "outerloop/v1/job_service.pb.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace outerloop::coordinator {

// Made once; every metric is looked up here and kept. Used by the engine's thread.
class EngineMetrics {
 public:
  explicit EngineMetrics(prometheus::Registry& registry);

  void Count(const Effects& effects);
  void Committed(absl::Duration taken);
  void Show(const std::vector<v1::WorkerStatus>& workers);
  void Show(const std::vector<Board::JobView>& jobs);

 private:
  std::map<std::string, prometheus::Gauge*> workers_;  // By activity.
  std::map<v1::JobState, prometheus::Gauge*> jobs_;
  prometheus::Counter& steps_;
  prometheus::Counter& group_starts_;
  prometheus::Counter& adoptions_;
  prometheus::Counter& digest_mismatches_;
  std::map<RecoveryCause, prometheus::Counter*> recoveries_;
  prometheus::Histogram& commit_seconds_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_ENGINE_METRICS_H_
