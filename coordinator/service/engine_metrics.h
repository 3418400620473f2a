// The coordinator's metrics about jobs, workers and its store.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_ENGINE_METRICS_H_
#define OUTERLOOP_COORDINATOR_SERVICE_ENGINE_METRICS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/core/core.h"
#include "coordinator/core/effects.h"
#include "coordinator/service/board.h"
#include "coordinator/service/job_metrics.h"
#include "coordinator/service/recovery_clock.h"
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
  using WorkerLabels = std::pair<std::string, std::string>;  // State and device.
  using WorkerGauges = std::map<WorkerLabels, prometheus::Gauge*>;

  explicit EngineMetrics(prometheus::Registry& registry);

  // What followed from one event, and the state machine after it.
  void Count(const Core& core, const Effects& effects, absl::Time now);
  void Committed(absl::Duration taken);
  void Show(const std::vector<v1::WorkerStatus>& workers);
  void Show(const std::vector<Board::JobView>& jobs);

 private:
  // A group is to form; the job's first one ends its wait.
  void CountGroup(const Core& core, const SendJoinGroup& join, absl::Time now);
  // The members of a group are ready.
  void CountStart(const SendStartGroup& start, absl::Time now);
  // A step of this job was recorded.
  void CountStep(const Job& job, const v1::StepMetrics& metrics, absl::Time now);
  // This job looks different.
  void Follow(const Job& job, absl::Time now);
  void ShowMissingWorkers();

  const WorkerGauges workers_;
  const std::map<v1::JobState, prometheus::Gauge*> jobs_;
  const std::map<RecoveryCause, prometheus::Counter*> recoveries_;
  prometheus::Counter& steps_;
  prometheus::Counter& tasks_;
  prometheus::Counter& non_finite_steps_;
  prometheus::Counter& group_starts_;
  prometheus::Counter& adoptions_;
  prometheus::Counter& digest_mismatches_;
  prometheus::Gauge& worker_demand_;
  prometheus::Gauge& workers_missing_;
  prometheus::Histogram& queue_wait_;
  prometheus::Histogram& commit_seconds_;
  prometheus::Family<prometheus::Histogram>& recovery_seconds_;
  prometheus::Histogram& regroup_seconds_;
  prometheus::Histogram& resume_seconds_;
  JobMetrics job_metrics_;

  RecoveryClock recovery_clock_;
  uint64_t connected_ = 0;  // Workers.
  uint64_t required_ = 0;   // As in WorkerDemand.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_ENGINE_METRICS_H_
