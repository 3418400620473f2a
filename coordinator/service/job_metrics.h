// What Prometheus is told of single jobs, by name.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_JOB_METRICS_H_
#define OUTERLOOP_COORDINATOR_SERVICE_JOB_METRICS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "coordinator/core/job.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace outerloop::coordinator {

// Names are the clients' choice, and a series costs its scraper memory for days: so many names are
// shown at a time, and no more. A job is shown from when it first has a group. Once it has ended,
// what tells that it gets on goes, and the rest stays until another job needs the name or the
// place. Of two unfinished jobs of one name the first is shown. Thread-compatible.
class JobMetrics {
 public:
  static constexpr size_t kMaxNames = 32;

  explicit JobMetrics(prometheus::Registry& registry);

  // The job as it is now.
  void Follow(const Job& job, absl::Time now);
  // One of its steps was recorded.
  void Record(const Job& job, const v1::StepMetrics& metrics, absl::Time now);

 private:
  using GaugeFamily = prometheus::Family<prometheus::Gauge>;
  struct Series {
    std::string job_id;  // Whose the name is.
    uint64_t ended = 0;  // Not 0: its job has; the lower, the longer ago.
    // By the family they belong to; only those that have a value.
    std::map<GaugeFamily*, prometheus::Gauge*> gauges;
    prometheus::Histogram* step_seconds = nullptr;
  };

  // Null if the job is not shown.
  Series* Find(const Job& job);
  // Gives the job a place; null if there is none.
  Series* Admit(const Job& job, absl::Time now);
  // Takes the place of the job that ended first. False if none has.
  bool MakeRoom();
  void Set(const std::string& name, Series& series, GaugeFamily& family, double value);
  void Remove(Series& series, GaugeFamily& family);
  void End(Series& series);

  GaugeFamily& loss_;
  GaugeFamily& accuracy_;
  GaugeFamily& step_;
  GaugeFamily& steps_;
  GaugeFamily& last_step_;
  GaugeFamily& checkpoint_;
  GaugeFamily& checkpoint_interval_;
  prometheus::Family<prometheus::Histogram>& step_seconds_;
  std::map<std::string, Series> shown_;  // By name.
  uint64_t endings_ = 0;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_JOB_METRICS_H_
