#include "coordinator/service/engine_metrics.h"

#include <variant>

#include "common/metrics.h"
#include "coordinator/service/worker_demand.h"

namespace outerloop::coordinator {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

constexpr const char* kWorkerStates[] = {"idle", "joining", "training", "evaluating", "set_aside"};
constexpr const char* kDevices[] = {"cpu", "cuda"};

EngineMetrics::WorkerGauges AddWorkers(prometheus::Registry& registry) {
  auto& family = AddGauges(registry, "outerloop_workers",
                           "Workers connected, by what they do and compute on.");
  EngineMetrics::WorkerGauges gauges;
  for (const char* state : kWorkerStates) {
    for (const char* device : kDevices) {
      gauges[{state, device}] = &family.Add({{"state", state}, {"device", device}});
    }
  }
  return gauges;
}

std::map<v1::JobState, prometheus::Gauge*> AddJobs(prometheus::Registry& registry) {
  auto& family = AddGauges(registry, "outerloop_jobs", "Jobs, by state.");
  std::map<v1::JobState, prometheus::Gauge*> gauges;
  for (int state = v1::JobState_MIN + 1; state <= v1::JobState_MAX; ++state) {
    if (!v1::JobState_IsValid(state)) continue;
    const auto value = static_cast<v1::JobState>(state);
    gauges[value] = &family.Add({{"state", v1::JobState_Name(value)}});
  }
  return gauges;
}

std::map<RecoveryCause, prometheus::Counter*> AddRecoveries(prometheus::Registry& registry) {
  auto& family = AddCounters(registry, "outerloop_recoveries_total",
                             "Groups that had to form anew, by cause.");
  std::map<RecoveryCause, prometheus::Counter*> counters;
  for (const auto& [cause, name] : kRecoveryCauses)
    counters[cause] = &family.Add({{"cause", name}});
  return counters;
}

Buckets RecoverySeconds() { return {0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800}; }

std::string StateOf(const v1::WorkerStatus& worker) {
  const bool idle = worker.activity() == "idle";
  return idle && !worker.set_aside().empty() ? "set_aside" : worker.activity();
}

// A kind, not a name: the names of GPUs are many.
std::string DeviceOf(const v1::WorkerStatus& worker) {
  return worker.numerics().device() == "cpu" ? "cpu" : "cuda";
}

}  // namespace

EngineMetrics::EngineMetrics(prometheus::Registry& registry)
    : workers_(AddWorkers(registry)),
      jobs_(AddJobs(registry)),
      recoveries_(AddRecoveries(registry)),
      steps_(AddCounter(registry, "outerloop_steps_total", "Outer steps recorded, of all jobs.")),
      tasks_(AddCounter(registry, "outerloop_tasks_total", "Tasks of the steps recorded.")),
      non_finite_steps_(AddCounter(registry, "outerloop_non_finite_steps_total",
                                   "Steps that were skipped: their gradient was not finite.")),
      group_starts_(AddCounter(registry, "outerloop_group_starts_total",
                               "Generations whose members were all ready.")),
      adoptions_(AddCounter(registry, "outerloop_adoptions_total",
                            "Running groups that a restarted coordinator took up as they were.")),
      digest_mismatches_(
          AddCounter(registry, "outerloop_digest_mismatch_total",
                     "Steps whose parameters differed between workers or attempts.")),
      worker_demand_(AddGauge(registry, "outerloop_worker_demand",
                              "Workers that the jobs could put to work at the same time.")),
      workers_missing_(AddGauge(registry, "outerloop_workers_missing",
                                "Workers without which some job can never begin.")),
      queue_wait_(AddHistograms(registry, "outerloop_queue_wait_seconds",
                                "Time from a job's submission to its first group.")
                      .Add({}, Buckets{0.1, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600})),
      commit_seconds_(AddHistograms(registry, "outerloop_store_commit_seconds",
                                    "Time to make a batch of writes durable, its fsync included.")
                          .Add({}, Buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                           0.25, 0.5, 1, 2.5})),
      recovery_seconds_(AddHistograms(
          registry, "outerloop_recovery_duration_seconds",
          "Time from the loss of a group to the start of the next (regroup), and from "
          "there to the next step (resume).")),
      regroup_seconds_(recovery_seconds_.Add({{"phase", "regroup"}}, RecoverySeconds())),
      resume_seconds_(recovery_seconds_.Add({{"phase", "resume"}}, RecoverySeconds())),
      job_metrics_(registry) {}

// ---- What happens

void EngineMetrics::Count(const Core& core, const Effects& effects, absl::Time now) {
  for (const RecoveryCause cause : effects.recoveries) recoveries_.at(cause)->Increment();
  adoptions_.Increment(effects.adoptions);
  digest_mismatches_.Increment(effects.digest_mismatches);
  for (const Message& message : effects.messages) {
    const auto* join = std::get_if<SendJoinGroup>(&message.content);
    if (join != nullptr && join->rank == 0) CountGroup(core, *join, now);
    const auto* start = std::get_if<SendStartGroup>(&message.content);
    if (start != nullptr && start->rank == 0) CountStart(*start, now);
  }
  for (const std::string& job_id : effects.changed_jobs) {
    if (const Job* job = core.FindJob(job_id)) Follow(*job, now);
  }
  for (const std::vector<Write>* writes : {&effects.deferred_writes, &effects.writes}) {
    for (const Write& write : *writes) {
      const auto* step = std::get_if<StepRecord>(&write);
      const Job* job = step == nullptr ? nullptr : core.FindJob(step->job_id);
      if (job != nullptr) CountStep(*job, step->metrics, now);
    }
  }
}

void EngineMetrics::CountGroup(const Core& core, const SendJoinGroup& join, absl::Time now) {
  const Job* job = core.FindJob(join.job_id);
  if (job == nullptr || join.generation != 1) return;
  queue_wait_.Observe(absl::ToDoubleSeconds(now - job->record.created));
}

void EngineMetrics::CountStart(const SendStartGroup& start, absl::Time now) {
  group_starts_.Increment();
  if (const auto taken = recovery_clock_.Started(start.job_id, now)) {
    regroup_seconds_.Observe(absl::ToDoubleSeconds(*taken));
  }
}

void EngineMetrics::CountStep(const Job& job, const v1::StepMetrics& metrics, absl::Time now) {
  steps_.Increment();
  tasks_.Increment(job.record.spec.training().tasks_per_step());
  if (metrics.skipped()) non_finite_steps_.Increment();
  if (const auto taken = recovery_clock_.Stepped(job.record.job_id, now)) {
    resume_seconds_.Observe(absl::ToDoubleSeconds(*taken));
  }
  job_metrics_.Record(job, metrics, now);
}

void EngineMetrics::Follow(const Job& job, absl::Time now) {
  const std::string& job_id = job.record.job_id;
  job_metrics_.Follow(job, now);
  if (job.record.state == v1::RECOVERING) {
    recovery_clock_.Broke(job_id, now);
  } else if (job.ended() || recovery_clock_.IsBroken(job_id)) {
    recovery_clock_.Forget(job_id);  // A group that goes on as it was has not been started.
  }
}

void EngineMetrics::Committed(absl::Duration taken) {
  commit_seconds_.Observe(absl::ToDoubleSeconds(taken));
}

// ---- What there is

void EngineMetrics::Show(const std::vector<v1::WorkerStatus>& workers) {
  std::map<WorkerLabels, int> counts;
  for (const v1::WorkerStatus& worker : workers) ++counts[{StateOf(worker), DeviceOf(worker)}];
  for (const auto& [labels, gauge] : workers_) gauge->Set(counts[labels]);
  connected_ = workers.size();
  ShowMissingWorkers();
}

void EngineMetrics::Show(const std::vector<Board::JobView>& jobs) {
  std::map<v1::JobState, int> counts;
  for (const Board::JobView& job : jobs) ++counts[job->state()];
  for (const auto& [state, gauge] : jobs_) gauge->Set(counts[state]);
  const WorkerDemand demand = DemandOf(jobs);
  worker_demand_.Set(static_cast<double>(demand.useful));
  required_ = demand.required;
  ShowMissingWorkers();
}

void EngineMetrics::ShowMissingWorkers() {
  workers_missing_.Set(required_ > connected_ ? static_cast<double>(required_ - connected_) : 0);
}

}  // namespace outerloop::coordinator
