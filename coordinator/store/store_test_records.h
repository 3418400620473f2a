// Records for the store's tests.
#ifndef OUTERLOOP_COORDINATOR_STORE_STORE_TEST_RECORDS_H_
#define OUTERLOOP_COORDINATOR_STORE_STORE_TEST_RECORDS_H_

#include <string>

#include "coordinator/store/records.h"

namespace outerloop::coordinator {

// A running job with something in every field.
inline JobRecord MakeJob(const std::string& job_id) {
  JobRecord job;
  job.job_id = job_id;
  job.request_id = "request of " + job_id;
  job.spec.set_name("a-name");
  job.spec.mutable_training()->set_seed(~uint64_t{0});
  job.dataset_sha256 = std::string(64, 'd');
  job.state = v1::RUNNING;
  job.reason = "reason's \"text\"";
  job.step = 12;
  job.parameters_sha256 = std::string(64, 'p');
  job.generation = 3;
  job.resumed_generation = 2;
  job.requests = {"first", "second"};
  job.pausing = true;
  job.priority = -3;
  job.hold_step = 20;
  job.losses = {0.1 + 0.2, 7};  // Not a short decimal number.
  job.members = {"worker-1", "wörker \"2\""};
  job.numerics.set_device("cpu");
  job.created = absl::FromUnixNanos(1'700'000'000'123'456'789);
  job.started = job.created + absl::Seconds(1);
  return job;
}

inline CheckpointRecord MakeCheckpoint(const std::string& job_id, uint64_t step) {
  CheckpointRecord checkpoint;
  checkpoint.job_id = job_id;
  checkpoint.step = step;
  checkpoint.sha256 = std::string(64, 'c');
  checkpoint.size_bytes = 1 << 20;
  checkpoint.parameters_sha256 = std::string(64, 'p');
  checkpoint.created = absl::FromUnixNanos(1'700'000'001'000'000'001);
  checkpoint.losses = {0.1 + 0.2, 3};
  return checkpoint;
}

inline v1::StepMetrics MakeMetrics(uint64_t step) {
  v1::StepMetrics metrics;
  metrics.set_step(step);
  metrics.set_loss(1.0 / static_cast<double>(step));
  metrics.set_accuracy(0.5);
  metrics.set_seconds(0.25);
  return metrics;
}

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_STORE_STORE_TEST_RECORDS_H_
