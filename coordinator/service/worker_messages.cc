#include "coordinator/service/worker_messages.h"

#include <algorithm>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "data/task_proto.h"

namespace outerloop::coordinator {
namespace {

absl::StatusOr<const Job*> Find(const Core& core, const std::string& job_id) {
  const Job* job = core.FindJob(job_id);
  if (job == nullptr) return absl::InternalError(absl::StrCat("there is no job ", job_id));
  return job;
}

absl::Status Make(const Core& core, const SendJoinGroup& content, const SamplerOf& sampler_of,
                  v1::CoordinatorMessage* out) {
  ASSIGN_OR_RETURN(const Job* job, Find(core, content.job_id));
  v1::JoinGroup* join = out->mutable_join_group();
  join->set_job_id(content.job_id);
  join->set_generation(content.generation);
  *join->mutable_spec() = job->record.spec;
  join->set_dataset_sha256(job->record.dataset_sha256);
  join->set_rank(content.rank);
  join->set_size(content.size);
  join->set_reducer(content.reducer);
  join->set_resumed_generation(job->record.resumed_generation);
  return absl::OkStatus();
}

// Gloo's members form a ring: each gets its neighbours' endpoints, and empty ones in place of the
// others'. All of them for everybody would be hundreds of megabytes in a group of a thousand.
void SetEndpoints(const SendStartGroup& content, v1::StartGroup* start) {
  const std::vector<std::string>& endpoints = *content.endpoints;
  const size_t size = endpoints.size();
  const size_t next = (content.rank + 1) % size, previous = (content.rank + size - 1) % size;
  for (size_t rank = 0; rank < size; ++rank) {
    const bool wanted = content.reducer != v1::GLOO || rank == next || rank == previous;
    start->add_endpoints(wanted ? endpoints[rank] : "");
  }
}

absl::Status Make(const Core& core, const SendStartGroup& content, const SamplerOf& sampler_of,
                  v1::CoordinatorMessage* out) {
  v1::StartGroup* start = out->mutable_start_group();
  start->set_job_id(content.job_id);
  start->set_generation(content.generation);
  start->set_rank(content.rank);
  start->set_size(content.size);
  start->set_step(content.start.step);
  start->set_checkpoint(content.checkpoint);
  if (content.endpoints != nullptr) SetEndpoints(content, start);
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

absl::Status Make(const Core& core, const SendStepPlan& content, const SamplerOf& sampler_of,
                  v1::CoordinatorMessage* out) {
  ASSIGN_OR_RETURN(const Job* job, Find(core, content.job_id));
  ASSIGN_OR_RETURN(const auto sampler, sampler_of(job->record));
  v1::StepPlan* plan = out->mutable_step_plan();
  plan->set_job_id(content.job_id);
  plan->set_generation(content.generation);
  plan->set_step(content.step);
  plan->set_checkpoint(content.checkpoint);
  plan->set_digest(content.digest);
  const v1::Training& training = job->record.spec.training();
  const uint32_t per_shard = training.tasks_per_shard();
  for (const uint32_t index : content.shards) {
    v1::Shard* shard = plan->add_shards();
    shard->set_index(index);
    const uint32_t end = std::min((index + 1) * per_shard, training.tasks_per_step());
    for (uint32_t task = index * per_shard; task < end; ++task) {
      data::ToProto(sampler->Sample(content.step, task), shard->add_tasks());
    }
  }
  return absl::OkStatus();
}

absl::Status Make(const Core& core, const SendLeaveGroup& content, const SamplerOf& sampler_of,
                  v1::CoordinatorMessage* out) {
  out->mutable_leave_group()->set_job_id(content.job_id);
  out->mutable_leave_group()->set_generation(content.generation);
  return absl::OkStatus();
}

absl::Status Make(const Core& core, const SendEvaluateShard& content, const SamplerOf& sampler_of,
                  v1::CoordinatorMessage* out) {
  const EvaluationRun* run = core.FindRun(content.evaluation_id);
  if (run == nullptr) return absl::InternalError("the evaluation has ended");
  ASSIGN_OR_RETURN(const Job* job, Find(core, run->record().job_id));
  ASSIGN_OR_RETURN(const auto sampler, sampler_of(job->record));
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

absl::Status Make(const Core& core, const CloseSession& content, const SamplerOf& sampler_of,
                  v1::CoordinatorMessage* out) {
  return absl::InternalError("the end of a session is no message");
}

}  // namespace

absl::StatusOr<v1::CoordinatorMessage> ToMessage(const Core& core, const Message& message,
                                                 const SamplerOf& sampler_of) {
  v1::CoordinatorMessage out;
  RETURN_IF_ERROR(std::visit(
      [&](const auto& content) { return Make(core, content, sampler_of, &out); }, message.content));
  return out;
}

}  // namespace outerloop::coordinator
