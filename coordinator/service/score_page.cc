#include "coordinator/service/score_page.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace outerloop::coordinator {
namespace {

int TasksOf(const ScoresRecord& shard) {
  return shard.series.empty() ? 0 : shard.series.front().scores_size();
}

// Appends the scores of `shard` but for its first `skipped` tasks; returns how many there are.
int Append(const ScoresRecord& shard, int skipped, v1::ListScoresResponse& page) {
  int scores = 0;
  for (int i = 0; i < static_cast<int>(shard.series.size()); ++i) {
    const v1::ScoreSeries& from = shard.series[i];
    if (page.series_size() == i) {
      *page.add_series() = from;
      page.mutable_series(i)->clear_scores();
    }
    page.mutable_series(i)->mutable_scores()->Add(from.scores().begin() + skipped,
                                                  from.scores().end());
    scores += from.scores_size() - skipped;
  }
  return scores;
}

}  // namespace

absl::StatusOr<v1::ListScoresResponse> ScorePage(std::span<const ScoresRecord> shards,
                                                 uint32_t first_task, int max_scores) {
  v1::ListScoresResponse page;
  uint32_t task = 0;
  int scores = 0;
  for (const ScoresRecord& shard : shards) {
    if (scores >= max_scores) {
      page.set_next_task(task);
      return page;
    }
    const uint32_t end = task + TasksOf(shard);
    if (end > first_task) scores += Append(shard, std::max(first_task, task) - task, page);
    task = end;
  }
  if (scores > 0) return page;
  return absl::InvalidArgumentError(
      absl::StrCat("first_task: ", first_task, "; the evaluation has ", task, " tasks"));
}

}  // namespace outerloop::coordinator
