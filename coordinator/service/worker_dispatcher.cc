#include "coordinator/service/worker_dispatcher.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "data/task_proto.h"

namespace outerloop::coordinator {
namespace {

// Samplers kept at most; one is small, and making one takes microseconds once its index is read.
constexpr size_t kMaxSamplers = 64;

absl::StatusOr<const Job*> Find(const Core& core, const std::string& job_id) {
  const Job* job = core.FindJob(job_id);
  if (job == nullptr) return absl::InternalError(absl::StrCat("there is no job ", job_id));
  return job;
}

}  // namespace

absl::Status WorkerDispatcher::Dispatch(const Core& core, const Message& message) {
  if (const auto* close = std::get_if<CloseSession>(&message.content)) {
    sessions_.Close(message.to, close->status);
    return absl::OkStatus();
  }
  v1::CoordinatorMessage out;
  const absl::Status made = std::visit(
      [&](const auto& content) -> absl::Status {
        if constexpr (std::is_same_v<std::decay_t<decltype(content)>, CloseSession>) {
          return absl::OkStatus();
        } else {
          return Make(core, content, &out);
        }
      },
      message.content);
  RETURN_IF_ERROR(made);
  sessions_.Send(message.to, std::move(out));
  return absl::OkStatus();
}

absl::Status WorkerDispatcher::Make(const Core& core, const SendJoinGroup& content,
                                    v1::CoordinatorMessage* out) {
  hub_.End(content.job_id, content.generation - 1);
  ASSIGN_OR_RETURN(const Job* job, Find(core, content.job_id));
  v1::JoinGroup* join = out->mutable_join_group();
  join->set_job_id(content.job_id);
  join->set_generation(content.generation);
  *join->mutable_spec() = job->record.spec;
  join->set_dataset_sha256(job->record.dataset_sha256);
  return absl::OkStatus();
}

absl::Status WorkerDispatcher::Make(const Core& core, const SendStartGroup& content,
                                    v1::CoordinatorMessage* out) {
  if (content.rank == 0) hub_.Begin(content.job_id, content.generation, content.size);
  v1::StartGroup* start = out->mutable_start_group();
  start->set_job_id(content.job_id);
  start->set_generation(content.generation);
  start->set_rank(content.rank);
  start->set_size(content.size);
  start->set_step(content.start.step);
  start->set_checkpoint(content.checkpoint);
  switch (content.start.source) {
    case StartPoint::Source::kInitial:
      start->set_initial(true);
      break;
    case StartPoint::Source::kCheckpoint:
      start->set_checkpoint_sha256(content.start.checkpoint_sha256);
      break;
    case StartPoint::Source::kMember:
      start->set_broadcast_from_rank(content.start.rank);
      break;
  }
  return absl::OkStatus();
}

absl::Status WorkerDispatcher::Make(const Core& core, const SendStepPlan& content,
                                    v1::CoordinatorMessage* out) {
  ASSIGN_OR_RETURN(const Job* job, Find(core, content.job_id));
  ASSIGN_OR_RETURN(const auto sampler, SamplerOf(job->record));
  v1::StepPlan* plan = out->mutable_step_plan();
  plan->set_job_id(content.job_id);
  plan->set_generation(content.generation);
  plan->set_step(content.step);
  plan->set_checkpoint(content.checkpoint);
  const v1::Training& training = job->record.spec.training();
  const uint32_t per_shard = training.tasks_per_shard();
  const uint32_t shards = (training.tasks_per_step() + per_shard - 1) / per_shard;
  for (uint32_t index = content.rank; index < shards; index += content.size) {
    v1::Shard* shard = plan->add_shards();
    shard->set_index(index);
    const uint32_t end = std::min((index + 1) * per_shard, training.tasks_per_step());
    for (uint32_t task = index * per_shard; task < end; ++task) {
      data::ToProto(sampler->Sample(content.step, task), shard->add_tasks());
    }
  }
  return absl::OkStatus();
}

absl::Status WorkerDispatcher::Make(const Core& core, const SendLeaveGroup& content,
                                    v1::CoordinatorMessage* out) {
  hub_.End(content.job_id, content.generation);
  out->mutable_leave_group()->set_job_id(content.job_id);
  out->mutable_leave_group()->set_generation(content.generation);
  return absl::OkStatus();
}

absl::Status WorkerDispatcher::Make(const Core& core, const SendEvaluateShard& content,
                                    v1::CoordinatorMessage* out) {
  const EvaluationRun* run = core.FindRun(content.evaluation_id);
  if (run == nullptr) return absl::InternalError("the evaluation has ended");
  ASSIGN_OR_RETURN(const Job* job, Find(core, run->record().job_id));
  ASSIGN_OR_RETURN(const auto sampler, SamplerOf(job->record));
  v1::EvaluateShard* evaluate = out->mutable_evaluate_shard();
  evaluate->set_evaluation_id(content.evaluation_id);
  *evaluate->mutable_spec() = job->record.spec;
  *evaluate->mutable_evaluation() = run->record().spec;
  evaluate->set_dataset_sha256(job->record.dataset_sha256);
  evaluate->set_checkpoint_sha256(run->record().checkpoint_sha256);
  evaluate->mutable_shard()->set_index(content.shard);
  const auto [first, last] = run->TasksOf(content.shard);
  for (uint32_t task = first; task < last; ++task) {
    data::ToProto(sampler->SampleEvaluation(run->record().spec, task),
                  evaluate->mutable_shard()->add_tasks());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const data::TaskSampler>> WorkerDispatcher::SamplerOf(
    const JobRecord& job) {
  const auto it = samplers_.find(job.job_id);
  if (it != samplers_.end()) return it->second;
  ASSIGN_OR_RETURN(auto sampler, catalogue_.Sampler(job.spec, job.dataset_sha256));
  if (samplers_.size() >= kMaxSamplers) samplers_.clear();
  samplers_[job.job_id] = sampler;
  return sampler;
}

}  // namespace outerloop::coordinator
