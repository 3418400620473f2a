#include "coordinator/service/worker_dispatcher.h"

#include <utility>
#include <variant>

#include "common/status_macros.h"
#include "coordinator/service/worker_messages.h"

namespace outerloop::coordinator {
namespace {

// Samplers kept at most; one is small, and making one takes microseconds once its index is read.
constexpr size_t kMaxSamplers = 64;

}  // namespace

absl::Status WorkerDispatcher::Dispatch(const Core& core, const Message& message) {
  if (const auto* close = std::get_if<CloseSession>(&message.content)) {
    sessions_.Close(message.to, close->status);
    return absl::OkStatus();
  }
  AttendHub(message);
  ASSIGN_OR_RETURN(v1::CoordinatorMessage out,
                   ToMessage(core, message, [this](const JobRecord& job) { return Sampler(job); }));
  sessions_.Send(message.to, std::move(out));
  return absl::OkStatus();
}

void WorkerDispatcher::AttendHub(const Message& message) {
  if (const auto* join = std::get_if<SendJoinGroup>(&message.content)) {
    hub_.End(join->job_id, join->generation - 1);
  } else if (const auto* leave = std::get_if<SendLeaveGroup>(&message.content)) {
    hub_.End(leave->job_id, leave->generation);
  } else if (const auto* start = std::get_if<SendStartGroup>(&message.content)) {
    if (start->rank != 0 || start->reducer != v1::COORDINATOR) return;
    hub_.Begin(start->job_id, start->generation, start->size);
  }
}

absl::StatusOr<std::shared_ptr<const data::TaskSampler>> WorkerDispatcher::Sampler(
    const JobRecord& job) {
  const auto it = samplers_.find(job.job_id);
  if (it != samplers_.end()) return it->second;
  ASSIGN_OR_RETURN(auto sampler, catalogue_.Sampler(job.spec, job.dataset_sha256));
  if (samplers_.size() >= kMaxSamplers) samplers_.clear();
  samplers_[job.job_id] = sampler;
  return sampler;
}

}  // namespace outerloop::coordinator
