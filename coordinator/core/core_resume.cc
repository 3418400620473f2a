// Jobs that are taken up again.
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "coordinator/core/core.h"

namespace outerloop::coordinator {

void Core::On(const ResumeRequested& event) {
  for (Job& job : jobs_) {
    if (job.record.job_id != event.job_id || !(job.ended() || job.paused())) continue;
    effects_.log.push_back(
        absl::StrFormat("job %s: resumed after step %d", event.job_id, event.step));
    Rewind(job, event.step);
    JobRecord& record = job.record;
    record.requests.push_back(event.request_id);
    if (record.finished != absl::InfinitePast())
      record.hold_step = 0;  // Nobody waits for it there.
    record.resumed_generation = record.generation;
    record.members.clear();
    record.finished = absl::InfinitePast();
    attention_ = true;
    Become(job, v1::QUEUED, absl::StrCat("resumed after step ", event.step));
    if (job.trained()) CompleteTraining(job);
  }
}

void Core::Rewind(Job& job, uint64_t step) {
  std::vector<uint64_t> later;
  for (const CheckpointRecord& checkpoint : job.checkpoints) {
    if (checkpoint.step > step) later.push_back(checkpoint.step);
  }
  for (const std::string& id : job.evaluations) {
    if (evaluations_.at(id).step > step) FailEvaluation(id, "its job was resumed before that step");
  }
  for (const uint64_t dropped : later) DropCheckpoint(job, dropped);
  effects_.writes.push_back(StepsDropped{job.record.job_id, step});
  job.losses.erase(job.losses.upper_bound(step), job.losses.end());
  const CheckpointRecord* kept = job.checkpoint(step);
  job.record.losses = kept != nullptr ? kept->losses : LossSum{};
  job.record.step = step;
  job.record.parameters_sha256 = DigestAt(job, step);
}

std::string Core::DigestAt(const Job& job, uint64_t step) const {
  const v1::StartFrom& start = job.record.spec.start_from();
  const Job* parent = step == job.first_step() ? FindJob(start.job()) : nullptr;
  const CheckpointRecord* checkpoint =
      parent != nullptr ? parent->checkpoint(step) : job.checkpoint(step);
  return checkpoint != nullptr ? checkpoint->parameters_sha256 : "";
}

}  // namespace outerloop::coordinator
