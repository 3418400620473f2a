// The checkpoints of a job: which there are, which is best, which are kept.
#include <algorithm>
#include <limits>

#include "absl/strings/str_format.h"
#include "coordinator/core/core.h"

namespace outerloop::coordinator {

void Core::On(const CheckpointStored& event) {
  for (Job& job : jobs_) {
    if (job.record.job_id != event.checkpoint.job_id) continue;
    std::vector<CheckpointRecord>& kept = job.checkpoints;
    const auto place = std::lower_bound(
        kept.begin(), kept.end(), event.checkpoint.step,
        [](const CheckpointRecord& checkpoint, uint64_t step) { return checkpoint.step < step; });
    if (place != kept.end() && place->step == event.checkpoint.step) {
      *place = event.checkpoint;
    } else {
      kept.insert(place, event.checkpoint);
    }
    effects_.changed_jobs.insert(job.record.job_id);
    RetainCheckpoints(job);
    if (!job.ended()) CompleteTraining(job);
    if (job.group.has_value() && job.group->drained()) EndDrained(job);  // May have waited for it.
  }
}

void Core::On(const CheckpointDisputed& event) {
  const CheckpointRecord& checkpoint = event.checkpoint;
  for (Job& job : jobs_) {
    if (job.record.job_id != checkpoint.job_id || job.ended()) continue;
    if (!job.record.reproducible) continue;  // Whatever comes second may differ.
    ++effects_.digest_mismatches;
    End(job, v1::FAILED,
        absl::StrFormat("a member of generation %d has stored a checkpoint of step %d with another "
                        "state than is on record: parameters %s, before %s; file %s",
                        event.generation, checkpoint.step, checkpoint.parameters_sha256,
                        event.parameters_sha256, checkpoint.sha256));
  }
}

// ---- Which is best

void Core::AccountLoss(Job& job, const v1::StepMetrics& metrics) {
  LossSum& losses = job.record.losses;
  if (!metrics.skipped()) {
    losses.sum += metrics.loss();
    ++losses.steps;
  }
  if (!job.CheckpointAt(metrics.step())) return;
  const double mean = losses.steps > 0 ? losses.sum / static_cast<double>(losses.steps)
                                       : std::numeric_limits<double>::infinity();
  losses = {};
  job.losses[metrics.step()] = mean;
  SaveSoon(LossRecord{job.record.job_id, metrics.step(), mean});
  RetainCheckpoints(job);
}

// ---- Which are kept

void Core::RetainCheckpoints(Job& job) {
  const size_t keep = job.record.spec.checkpoints().keep_last();
  std::vector<uint64_t> dropped;
  size_t later = 0;  // Ones that were due.
  for (auto i = job.checkpoints.rbegin(); i != job.checkpoints.rend(); ++i) {
    const bool due = job.CheckpointAt(i->step);
    const bool kept = due ? keep == 0 || later < keep : i == job.checkpoints.rbegin();
    if (due) ++later;
    if (!kept && !IsNeeded(job, *i)) dropped.push_back(i->step);
  }
  std::reverse(dropped.begin(), dropped.end());
  for (const uint64_t step : dropped) DropCheckpoint(job, step);
}

bool Core::IsNeeded(const Job& job, const CheckpointRecord& checkpoint) const {
  const uint64_t step = checkpoint.step;
  const CheckpointRecord* best = job.best_checkpoint();
  if ((best != nullptr && best->step == step) || step == job.steps()) return true;
  // Members may still be fetching what their group starts from.
  if (job.group.has_value() && job.group->start().checkpoint_sha256 == checkpoint.sha256) {
    return true;
  }
  const auto evaluates = [&](const std::string& id) {
    const EvaluationRecord& evaluation = evaluations_.at(id);
    return evaluation.state == v1::EVALUATION_PENDING && evaluation.step == step;
  };
  const auto starts_from_it = [&](const Job& fork) {
    const v1::StartFrom& start = fork.record.spec.start_from();
    return !fork.ended() && start.job() == job.record.job_id && start.step() == step;
  };
  return std::any_of(job.evaluations.begin(), job.evaluations.end(), evaluates) ||
         std::any_of(jobs_.begin(), jobs_.end(), starts_from_it);
}

void Core::DropCheckpoint(Job& job, uint64_t step) {
  const std::string& job_id = job.record.job_id;
  effects_.dropped_files.push_back(job.checkpoint(step)->sha256);
  effects_.writes.push_back(CheckpointDropped{job_id, step});
  effects_.log.push_back(absl::StrFormat("job %s: drops the checkpoint of step %d", job_id, step));
  effects_.changed_jobs.insert(job_id);
  std::erase_if(job.checkpoints,
                [step](const CheckpointRecord& checkpoint) { return checkpoint.step == step; });
}

}  // namespace outerloop::coordinator
