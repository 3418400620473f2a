// The checkpoints of a job.
#include <algorithm>

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
    if (!job.ended()) CompleteTraining(job);
  }
}

}  // namespace outerloop::coordinator
