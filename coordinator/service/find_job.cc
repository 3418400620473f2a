#include "coordinator/service/find_job.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/suggest.h"
#include "coordinator/security/ownership.h"

namespace outerloop::coordinator {

std::vector<Board::JobView> JobsOf(const Board& board, const Caller& caller) {
  std::vector<Board::JobView> jobs = board.Jobs();
  std::erase_if(jobs, [&caller](const Board::JobView& job) { return !MaySee(caller, *job); });
  return jobs;
}

absl::StatusOr<Board::JobView> FindJob(const Board& board, const Caller& caller,
                                       const std::string& id_or_name) {
  // What the board finds by a name may hide an older job of the caller's own.
  Board::JobView found = board.Find(id_or_name);
  if (found != nullptr && MaySee(caller, *found)) return found;
  const std::vector<Board::JobView> jobs = JobsOf(board, caller);
  const auto own = std::find_if(jobs.rbegin(), jobs.rend(), [&](const Board::JobView& job) {
    return job->spec().name() == id_or_name;
  });
  if (own != jobs.rend()) return *own;
  std::vector<std::string> known;
  for (const Board::JobView& job : jobs) {
    known.push_back(job->job_id());
    known.push_back(job->spec().name());
  }
  return absl::NotFoundError(
      absl::StrCat("there is no job '", id_or_name, "'", SuggestName(id_or_name, known)));
}

absl::StatusOr<std::string> FindJobId(const Board& board, const Caller& caller,
                                      const std::string& id_or_name) {
  ASSIGN_OR_RETURN(const Board::JobView job, FindJob(board, caller, id_or_name));
  return job->job_id();
}

Board::JobView FindJobById(const Board& board, const std::string& job_id) {
  const Board::JobView job = board.Find(job_id);
  return job != nullptr && job->job_id() == job_id ? job : nullptr;  // Not another one's name.
}

}  // namespace outerloop::coordinator
