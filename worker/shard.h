// The unit of work, without tensors.
#ifndef OUTERLOOP_WORKER_SHARD_H_
#define OUTERLOOP_WORKER_SHARD_H_

#include <cstdint>
#include <vector>

#include "data/task.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::worker {

// A fixed slice of a step's or an evaluation's tasks.
struct Shard {
  uint32_t index = 0;  // Within the step or the evaluation.
  std::vector<data::Task> tasks;
};

Shard FromProto(const v1::Shard& message);
std::vector<Shard> FromProto(const v1::StepPlan& plan);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_SHARD_H_
