#include "benchmarks/control_plane/simulated_job.h"

#include <algorithm>

namespace outerloop::control_plane {
namespace {

constexpr uint64_t kManySteps = 1'000'000'000;
constexpr uint32_t kTasksPerShard = 4;
constexpr uint32_t kMaxTasks = 65'536;

void UseSinusoid(v1::JobSpec& spec) {
  v1::Sinusoid* sinusoid = spec.mutable_episode()->mutable_sinusoid();
  sinusoid->set_shots(10);
  spec.mutable_model()->mutable_mlp()->add_hidden(40);
  spec.mutable_model()->mutable_mlp()->add_hidden(40);
}

void UseClasses(v1::JobSpec& spec) {
  v1::RandomSplit* split = spec.mutable_dataset()->mutable_split()->mutable_random();
  split->set_train(40);
  split->set_validation(10);
  split->set_test(10);
  v1::Classification* classification = spec.mutable_episode()->mutable_classification();
  classification->set_ways(5);
  classification->set_shots(1);
  spec.mutable_model()->mutable_conv4();
}

}  // namespace

v1::JobSpec MakeJob(const std::string& name, const std::string& dataset, uint32_t workers,
                    uint32_t group_size) {
  v1::JobSpec spec;
  spec.set_name(name);
  spec.mutable_dataset()->set_name(dataset);
  dataset == "sinusoid" ? UseSinusoid(spec) : UseClasses(spec);
  spec.mutable_algorithm()->mutable_maml()->set_inner_rate(0.4);
  spec.mutable_meta_optimizer()->mutable_adam();
  const uint32_t size = group_size == 0 ? workers : group_size;
  spec.mutable_training()->set_steps(kManySteps);
  spec.mutable_training()->set_tasks_per_step(std::min(kMaxTasks, size * kTasksPerShard));
  spec.mutable_training()->set_tasks_per_shard(kTasksPerShard);
  spec.mutable_checkpoints()->set_every_steps(0);
  spec.mutable_workers()->set_max(group_size);
  return spec;
}

}  // namespace outerloop::control_plane
