#include "coordinator/service/find_job.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/suggest.h"

namespace outerloop::coordinator {

absl::StatusOr<Board::JobView> FindJob(const Board& board, const std::string& id_or_name) {
  if (Board::JobView job = board.Find(id_or_name); job != nullptr) return job;
  std::vector<std::string> known;
  for (const Board::JobView& job : board.Jobs()) {
    known.push_back(job->job_id());
    known.push_back(job->spec().name());
  }
  return absl::NotFoundError(
      absl::StrCat("there is no job '", id_or_name, "'", SuggestName(id_or_name, known)));
}

}  // namespace outerloop::coordinator
