#include "worker/shard.h"

#include "data/task_proto.h"

namespace outerloop::worker {

Shard FromProto(const v1::Shard& message) {
  Shard shard;
  shard.index = message.index();
  for (const v1::Task& task : message.tasks()) shard.tasks.push_back(data::FromProto(task));
  return shard;
}

std::vector<Shard> FromProto(const v1::StepPlan& plan) {
  std::vector<Shard> shards;
  for (const v1::Shard& shard : plan.shards()) shards.push_back(FromProto(shard));
  return shards;
}

}  // namespace outerloop::worker
