#include "coordinator/service/engine_metrics.h"

#include <variant>

namespace outerloop::coordinator {

EngineMetrics::EngineMetrics(prometheus::Registry& registry)
    : steps_(prometheus::BuildCounter()
                 .Name("outerloop_steps_total")
                 .Help("Outer steps recorded, of all jobs.")
                 .Register(registry)
                 .Add({})),
      group_starts_(prometheus::BuildCounter()
                        .Name("outerloop_group_starts_total")
                        .Help("Generations whose members were all ready.")
                        .Register(registry)
                        .Add({})),
      adoptions_(prometheus::BuildCounter()
                     .Name("outerloop_adoptions_total")
                     .Help("Running groups that a restarted coordinator took up as they were.")
                     .Register(registry)
                     .Add({})),
      digest_mismatches_(prometheus::BuildCounter()
                             .Name("outerloop_digest_mismatch_total")
                             .Help("Steps whose parameters differed between workers or attempts.")
                             .Register(registry)
                             .Add({})),
      commit_seconds_(prometheus::BuildHistogram()
                          .Name("outerloop_store_commit_seconds")
                          .Help("Time to make a batch of writes durable.")
                          .Register(registry)
                          .Add({}, prometheus::Histogram::BucketBoundaries{
                                       0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                       0.5, 1, 2.5})) {
  auto& recoveries = prometheus::BuildCounter()
                         .Name("outerloop_recoveries_total")
                         .Help("Groups that had to form anew, by cause.")
                         .Register(registry);
  for (const auto& [cause, name] : kRecoveryCauses) {
    recoveries_[cause] = &recoveries.Add({{"cause", name}});
  }
  auto& workers = prometheus::BuildGauge()
                      .Name("outerloop_workers")
                      .Help("Workers connected, by what they do.")
                      .Register(registry);
  for (const char* activity : {"idle", "joining", "training", "evaluating"}) {
    workers_[activity] = &workers.Add({{"activity", activity}});
  }
  auto& jobs =
      prometheus::BuildGauge().Name("outerloop_jobs").Help("Jobs, by state.").Register(registry);
  for (int state = v1::QUEUED; state <= v1::CANCELLED; ++state) {
    const auto value = static_cast<v1::JobState>(state);
    jobs_[value] = &jobs.Add({{"state", v1::JobState_Name(value)}});
  }
}

void EngineMetrics::Count(const Effects& effects) {
  for (const std::vector<Write>* writes : {&effects.deferred_writes, &effects.writes}) {
    for (const Write& write : *writes) {
      if (std::holds_alternative<StepRecord>(write)) steps_.Increment();
    }
  }
  for (const RecoveryCause cause : effects.recoveries) recoveries_.at(cause)->Increment();
  adoptions_.Increment(effects.adoptions);
  digest_mismatches_.Increment(effects.digest_mismatches);
  for (const Message& message : effects.messages) {
    const auto* start = std::get_if<SendStartGroup>(&message.content);
    if (start != nullptr && start->rank == 0) group_starts_.Increment();
  }
}

void EngineMetrics::Committed(absl::Duration taken) {
  commit_seconds_.Observe(absl::ToDoubleSeconds(taken));
}

void EngineMetrics::Show(const std::vector<v1::WorkerStatus>& workers) {
  std::map<std::string, int> counts;
  for (const v1::WorkerStatus& worker : workers) ++counts[worker.activity()];
  for (const auto& [activity, gauge] : workers_) gauge->Set(counts[activity]);
}

void EngineMetrics::Show(const std::vector<Board::JobView>& jobs) {
  std::map<v1::JobState, int> counts;
  for (const Board::JobView& job : jobs) ++counts[job->state()];
  for (const auto& [state, gauge] : jobs_) gauge->Set(counts[state]);
}

}  // namespace outerloop::coordinator
