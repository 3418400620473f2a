#include "coordinator/sweeps/trial_room.h"

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "coordinator/store/records.h"
#include "coordinator/sweeps/advance.h"

namespace outerloop::coordinator {
namespace {

using CountByOwner = std::map<std::string, uint64_t>;

const std::string& OwnerOf(const v1::Sweep& sweep, int trial) {
  return sweep.spec().trials(trial).job().queue().owner();
}

// Jobs that have not ended, and trials that are none of `jobs` yet.
CountByOwner CountUnfinished(const std::vector<v1::Sweep>& sweeps,
                             const std::vector<std::shared_ptr<const v1::Job>>& jobs) {
  CountByOwner counts;
  std::set<std::string> submitted;
  for (const auto& job : jobs) {
    submitted.insert(job->job_id());
    if (!IsFinal(job->state())) ++counts[job->spec().queue().owner()];
  }
  for (const v1::Sweep& sweep : sweeps) {
    for (int i = 0; !HasEnded(sweep.state()) && i < sweep.trials_size(); ++i) {
      const v1::Trial& trial = sweep.trials(i);
      const bool is_yet_to_come =
          trial.state() == v1::TRIAL_PENDING && !submitted.contains(trial.job_id());
      if (is_yet_to_come) ++counts[OwnerOf(sweep, i)];
    }
  }
  return counts;
}

}  // namespace

absl::Status CheckRoomForTrials(const v1::Sweep& sweep, const std::vector<v1::Sweep>& before,
                                const std::vector<std::shared_ptr<const v1::Job>>& jobs,
                                uint32_t limit) {
  CountByOwner unfinished = CountUnfinished(before, jobs);
  CountByOwner trials;
  for (int i = 0; i < sweep.trials_size(); ++i) ++trials[OwnerOf(sweep, i)];
  for (const auto& [owner, count] : trials) {
    if (unfinished[owner] + count <= limit) continue;
    return absl::ResourceExhaustedError(absl::StrCat(
        "the sweep's ", count, " trials and ", unfinished[owner], " jobs of ",
        owner.empty() ? "no owner" : owner, " that have not ended are more than the ", limit,
        " that an owner may have (--max-jobs-per-owner of the coordinator); try fewer trials, wait "
        "until jobs have ended, or cancel some"));
  }
  return absl::OkStatus();
}

}  // namespace outerloop::coordinator
