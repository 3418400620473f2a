#include "coordinator/service/job_metrics.h"

#include <utility>

#include "common/metrics.h"

namespace outerloop::coordinator {
namespace {

// `job` would be taken for Prometheus' own label of that name.
constexpr char kName[] = "job_name";

// Seconds since 1970, as Prometheus writes times.
double Timestamp(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }

// Whether steps are to be expected of it.
bool IsTraining(const Job& job) { return !job.ended() && job.record.step < job.steps(); }

bool HadAGroup(const Job& job) { return job.record.generation > 0; }

}  // namespace

JobMetrics::JobMetrics(prometheus::Registry& registry)
    : loss_(AddGauges(registry, "outerloop_meta_loss",
                      "Mean query loss after adaptation, of the job's latest step.")),
      accuracy_(AddGauges(registry, "outerloop_accuracy",
                          "Mean query accuracy as a fraction, of the job's latest step.")),
      step_(AddGauges(registry, "outerloop_job_step", "Outer steps that the job has done.")),
      steps_(AddGauges(registry, "outerloop_job_steps", "Outer steps that the job is to do.")),
      last_step_(AddGauges(registry, "outerloop_last_step_timestamp_seconds",
                           "When a job that trains did its latest step, or first had a group.")),
      checkpoint_(
          AddGauges(registry, "outerloop_checkpoint_timestamp_seconds",
                    "When the latest checkpoint of a job that trains was stored, or the job "
                    "first had a group.")),
      checkpoint_interval_(AddGauges(registry, "outerloop_checkpoint_interval_steps",
                                     "Steps from one checkpoint of the job to the next.")),
      step_seconds_(
          AddHistograms(registry, "outerloop_job_step_seconds", "Wall time of the job's steps.")) {}

void JobMetrics::Follow(const Job& job, absl::Time now) {
  Series* series = Find(job);
  const bool is_followed = series != nullptr && series->ended == 0;  // It may have been resumed.
  if (!is_followed && IsTraining(job) && HadAGroup(job)) series = Admit(job, now);
  if (series == nullptr) return;
  const std::string& name = job.record.spec.name();
  Set(name, *series, step_, static_cast<double>(job.record.step));
  if (!IsTraining(job)) return End(*series);
  const uint64_t interval = job.record.spec.checkpoints().every_steps();
  if (interval > 0 && job.checkpoint() != nullptr) {
    Set(name, *series, checkpoint_, Timestamp(job.checkpoint()->created));
  }
}

void JobMetrics::Record(const Job& job, const v1::StepMetrics& metrics, absl::Time now) {
  Series* series = Find(job);
  if (series == nullptr) return;
  const std::string& name = job.record.spec.name();
  series->step_seconds->Observe(metrics.seconds());
  if (IsTraining(job)) Set(name, *series, last_step_, Timestamp(now));
  if (metrics.skipped()) return;
  Set(name, *series, loss_, metrics.loss());
  if (metrics.has_accuracy()) Set(name, *series, accuracy_, metrics.accuracy());
}

JobMetrics::Series* JobMetrics::Find(const Job& job) {
  const auto shown = shown_.find(job.record.spec.name());
  return shown == shown_.end() || shown->second.job_id != job.record.job_id ? nullptr
                                                                            : &shown->second;
}

JobMetrics::Series* JobMetrics::Admit(const Job& job, absl::Time now) {
  const std::string& name = job.record.spec.name();
  const auto namesake = shown_.find(name);
  if (namesake != shown_.end() && namesake->second.ended == 0) return nullptr;
  if (namesake == shown_.end() && shown_.size() >= kMaxNames && !MakeRoom()) return nullptr;
  Series& series = shown_[name];
  series.job_id = job.record.job_id;
  series.ended = 0;
  Remove(series, loss_);
  Remove(series, accuracy_);
  if (series.step_seconds == nullptr) {
    series.step_seconds = &step_seconds_.Add(
        {{kName, name}},
        prometheus::Histogram::BucketBoundaries{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                0.5, 1, 2.5, 5, 10, 30, 60, 300});
  }
  Set(name, series, steps_, static_cast<double>(job.steps()));
  Set(name, series, last_step_, Timestamp(now));
  if (const uint64_t interval = job.record.spec.checkpoints().every_steps(); interval > 0) {
    Set(name, series, checkpoint_interval_, static_cast<double>(interval));
    Set(name, series, checkpoint_, Timestamp(now));
  }
  return &series;
}

bool JobMetrics::MakeRoom() {
  auto oldest = shown_.end();
  for (auto it = shown_.begin(); it != shown_.end(); ++it) {
    if (it->second.ended == 0) continue;
    if (oldest == shown_.end() || it->second.ended < oldest->second.ended) oldest = it;
  }
  if (oldest == shown_.end()) return false;
  for (const auto& [family, gauge] : oldest->second.gauges) family->Remove(gauge);
  step_seconds_.Remove(oldest->second.step_seconds);
  shown_.erase(oldest);
  return true;
}

void JobMetrics::Set(const std::string& name, Series& series, GaugeFamily& family, double value) {
  prometheus::Gauge*& gauge = series.gauges[&family];
  if (gauge == nullptr) gauge = &family.Add({{kName, name}});
  gauge->Set(value);
}

void JobMetrics::Remove(Series& series, GaugeFamily& family) {
  const auto gauge = series.gauges.find(&family);
  if (gauge == series.gauges.end()) return;
  family.Remove(gauge->second);
  series.gauges.erase(gauge);
}

void JobMetrics::End(Series& series) {
  if (series.ended != 0) return;
  series.ended = ++endings_;
  for (GaugeFamily* family : {&last_step_, &checkpoint_, &checkpoint_interval_}) {
    Remove(series, *family);
  }
}

}  // namespace outerloop::coordinator
