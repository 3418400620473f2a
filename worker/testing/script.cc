#include "worker/testing/script.h"

#include "common/sha256.h"

namespace outerloop::worker {
namespace {

template <typename Message>
void SetGroup(uint64_t generation, Message& message) {
  message.set_job_id("job");
  message.set_generation(generation);
}

}  // namespace

v1::CoordinatorMessage Script::Join(uint64_t generation, uint32_t rank, uint32_t size) const {
  v1::CoordinatorMessage message;
  v1::JoinGroup& join = *message.mutable_join_group();
  SetGroup(generation, join);
  *join.mutable_spec() = spec;
  if (!dataset.empty()) join.set_dataset_sha256(Sha256Hex(dataset));
  join.set_rank(rank);
  join.set_size(size);
  join.set_reducer(v1::COORDINATOR);
  return message;
}

v1::CoordinatorMessage Script::Leave(uint64_t generation) const {
  v1::CoordinatorMessage message;
  SetGroup(generation, *message.mutable_leave_group());
  return message;
}

v1::CoordinatorMessage Script::Start(uint64_t generation, uint32_t rank, uint32_t size,
                                     uint64_t step) const {
  v1::CoordinatorMessage message;
  v1::StartGroup& start = *message.mutable_start_group();
  SetGroup(generation, start);
  start.set_rank(rank);
  start.set_size(size);
  start.set_step(step);
  for (uint32_t i = 0; i < size; ++i) start.add_endpoints("");
  return message;
}

v1::CoordinatorMessage Script::StartInitial(uint64_t generation, uint32_t rank,
                                            uint32_t size) const {
  v1::CoordinatorMessage message = Start(generation, rank, size);
  message.mutable_start_group()->set_initial(true);
  return message;
}

v1::CoordinatorMessage Script::Plan(uint64_t generation, uint64_t step, uint32_t rank,
                                    uint32_t size, bool checkpoint) const {
  v1::CoordinatorMessage message;
  v1::StepPlan& plan = *message.mutable_step_plan();
  SetGroup(generation, plan);
  plan.set_step(step);
  plan.set_checkpoint(checkpoint);
  plan.set_digest(true);
  for (const v1::Shard& shard : ShardsOfStep(spec, dataset, step)) {
    if (shard.index() % size == rank) *plan.add_shards() = shard;
  }
  return message;
}

}  // namespace outerloop::worker
