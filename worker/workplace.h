// What the compute thread works with.
#ifndef OUTERLOOP_WORKER_WORKPLACE_H_
#define OUTERLOOP_WORKER_WORKPLACE_H_

#include "absl/time/time.h"
#include "common/backoff.h"
#include "worker/coordinator_files.h"
#include "worker/mailbox.h"
#include "worker/reducers/make_reducer.h"
#include "worker/session.h"
#include "worker/trainer_factory.h"
#include "worker/worker_metrics.h"

namespace outerloop::worker {

// The process's one of each, shared by group member and evaluator. All outlive the compute thread's
// work.
struct Workplace {
  Mailbox& mailbox;
  Session& session;
  CoordinatorFiles& files;
  const TrainerFactory& trainers;
  ReducerFactory make_reducer;
  WorkerMetrics& metrics;

  // An all-reduce that takes longer ends the connection: the backstop for a lost peer that nobody
  // noticed.
  absl::Duration reduce_timeout = absl::Seconds(60);
  absl::Duration store_timeout = absl::Seconds(60);  // Of one try to store a checkpoint.
  BackoffOptions store_backoff = {};                 // Between two tries.
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_WORKPLACE_H_
