#include "coordinator/service/worker_demand.h"

#include <algorithm>

namespace outerloop::coordinator {
namespace {

bool IsToBeTrained(const v1::Job& job) {
  return job.state() == v1::QUEUED || job.state() == v1::STARTING || job.state() == v1::RUNNING ||
         job.state() == v1::RECOVERING;
}

bool IsToBeEvaluated(const v1::Job& job) {
  return std::any_of(job.evaluations().begin(), job.evaluations().end(),
                     [](const v1::Evaluation& e) { return e.state() == v1::EVALUATION_PENDING; });
}

bool Waits(const v1::Job& job) {
  return job.state() == v1::QUEUED || job.state() == v1::RECOVERING;
}

}  // namespace

uint64_t UsefulWorkers(const v1::Job& job) {
  if (!IsToBeTrained(job)) return IsToBeEvaluated(job) ? 1 : 0;
  const v1::Training& training = job.spec().training();
  const v1::Workers& workers = job.spec().workers();
  const uint64_t per_shard = std::max<uint64_t>(1, training.tasks_per_shard());
  uint64_t useful = (training.tasks_per_step() + per_shard - 1) / per_shard;
  if (workers.max() > 0) useful = std::min<uint64_t>(useful, workers.max());
  return std::max<uint64_t>(useful, workers.min());
}

WorkerDemand DemandOf(const std::vector<Board::JobView>& jobs) {
  WorkerDemand demand;
  for (const Board::JobView& job : jobs) {
    demand.useful += UsefulWorkers(*job);
    if (!Waits(*job)) continue;
    demand.required = std::max<uint64_t>(demand.required, job->spec().workers().min());
  }
  return demand;
}

}  // namespace outerloop::coordinator
