// What the executor works with.
#ifndef OUTERLOOP_WORKER_WORKPLACE_H_
#define OUTERLOOP_WORKER_WORKPLACE_H_

#include "absl/time/time.h"
#include "worker/coordinator_files.h"
#include "worker/progress.h"
#include "worker/reducers/make_reducer.h"
#include "worker/trainer_factory.h"
#include "worker/worker_metrics.h"

namespace outerloop::worker {

// The process's one of each, shared by training and evaluation. All outlive the executor.
struct Workplace {
  CoordinatorFiles& files;
  const TrainerFactory& trainers;
  ReducerFactory make_reducer;
  WorkerMetrics& metrics;
  Progress& progress;

  // To connect a group's reducer: less than a worker may stand still before it counts as stuck.
  absl::Duration connect_timeout = absl::Seconds(4);
  // Of one all-reduce: the backstop for a lost peer that nobody noticed.
  absl::Duration reduce_timeout = absl::Seconds(60);
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_WORKPLACE_H_
