#include "tests/simulation/perturb.h"

#include <variant>

namespace outerloop::simulation {

void Perturb(Mutation mutation, v1::CoordinatorMessage& message) {
  if (!message.has_step_plan() || message.step_plan().shards().empty()) return;
  v1::StepPlan& plan = *message.mutable_step_plan();
  if (mutation == Mutation::kShardTwice && plan.shards(0).index() > 1) {
    v1::Shard twin = plan.shards(0);
    twin.set_index(twin.index() - 1);
    *plan.add_shards() = twin;
  }
  if (mutation == Mutation::kForgetsShards && plan.generation() > 1) {
    plan.mutable_shards()->RemoveLast();
  }
}

void Perturb(Mutation mutation, v1::WorkerMessage& message) {
  if (mutation != Mutation::kClaimsAStepMore || !message.has_ready()) return;
  v1::Ready& ready = *message.mutable_ready();
  if (ready.has_held_step()) ready.set_held_step(ready.held_step() + 1);
}

void Perturb(Mutation mutation, const coordinator::Core& core, coordinator::Event& event) {
  if (mutation != Mutation::kTakesOldGenerations) return;
  const auto update = [&core](auto& of_group) {
    const coordinator::Job* job = core.FindJob(of_group.job_id);
    if (job != nullptr) of_group.generation = job->record.generation;
  };
  if (auto* ready = std::get_if<coordinator::MemberReady>(&event)) update(*ready);
  if (auto* finished = std::get_if<coordinator::StepFinished>(&event)) update(*finished);
}

void Perturb(Mutation mutation, coordinator::Remembered& remembered) {
  for (coordinator::JobRecord& job : remembered.jobs) {
    if (mutation == Mutation::kForgetsGeneration && job.generation > 0) --job.generation;
    if (mutation == Mutation::kForgetsPauses) job.pausing = false;
    if (mutation == Mutation::kForgetsHolds) job.hold_step = 0;
    if (mutation == Mutation::kForgetsPriorities) job.priority = job.spec.queue().priority();
    if (mutation == Mutation::kResumesPausedJobs && job.state == v1::PAUSED) {
      job.state = v1::RECOVERING;
    }
  }
}

bool IsKept(Mutation mutation, const Disk& disk, const coordinator::Write& write) {
  const bool deletes = std::holds_alternative<coordinator::DeletionRecord>(write);
  if (mutation == Mutation::kKeepsDeletedJobs && deletes) return false;
  const auto* checkpoint = std::get_if<coordinator::CheckpointRecord>(&write);
  if (mutation != Mutation::kLosesExtraCheckpoints || checkpoint == nullptr) return true;
  const uint64_t every = disk.FindJob(checkpoint->job_id)->spec.checkpoints().every_steps();
  return every > 0 && checkpoint->step % every == 0;
}

bool Passes(Mutation mutation, const coordinator::Core& core, const coordinator::Event& event) {
  const auto* finished = std::get_if<coordinator::StepFinished>(&event);
  if (mutation != Mutation::kLosesLateReports || finished == nullptr) return true;
  const coordinator::Job* job = core.FindJob(finished->job_id);
  return job == nullptr || job->record.generation == finished->generation;
}

}  // namespace outerloop::simulation
