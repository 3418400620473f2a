#include "coordinator/core/evaluation_run.h"

#include <algorithm>

#include "common/protocol.h"

namespace outerloop::coordinator {

EvaluationRun::EvaluationRun(EvaluationRecord record, uint32_t tasks_per_shard)
    : record_(std::move(record)),
      tasks_per_shard_(tasks_per_shard),
      shards_((record_.spec.tasks() + tasks_per_shard - 1) / tasks_per_shard) {
  for (uint32_t shard = 0; shard < shards_; ++shard) waiting_.insert(shard);
}

std::pair<uint32_t, uint32_t> EvaluationRun::TasksOf(uint32_t shard) const {
  const uint32_t first = shard * tasks_per_shard_;
  return {first, std::min(first + tasks_per_shard_, record_.spec.tasks())};
}

std::optional<uint32_t> EvaluationRun::Deal(SessionId session) {
  if (waiting_.empty()) return std::nullopt;
  const uint32_t shard = *waiting_.begin();
  waiting_.erase(waiting_.begin());
  dealt_[shard] = session;
  ++outstanding_[session];
  return shard;
}

void EvaluationRun::TakeBack(SessionId session) {
  if (!outstanding_.contains(session)) return;
  std::erase_if(dealt_, [&](const auto& entry) {
    if (entry.second != session) return false;
    waiting_.insert(entry.first);
    return true;
  });
  outstanding_.erase(session);
}

uint32_t EvaluationRun::Outstanding(SessionId session) const {
  const auto count = outstanding_.find(session);
  return count == outstanding_.end() ? 0 : count->second;
}

void EvaluationRun::Release(uint32_t shard) {
  const auto dealt = dealt_.find(shard);
  if (dealt == dealt_.end()) return;
  const auto count = outstanding_.find(dealt->second);
  if (--count->second == 0) outstanding_.erase(count);
  dealt_.erase(dealt);
}

bool EvaluationRun::Fits(const ScoresRecord& scores) const {
  if (scores.shard >= shards_ || scores.series.empty()) return false;
  const auto [first, last] = TasksOf(scores.shard);
  const ScoresRecord& pattern = scores_.empty() ? scores : scores_.begin()->second;
  if (scores.series.size() != pattern.series.size()) return false;
  for (size_t i = 0; i < scores.series.size(); ++i) {
    const v1::ScoreSeries& series = scores.series[i];
    const v1::ScoreSeries& expected = pattern.series[i];
    if (static_cast<uint32_t>(series.scores_size()) != last - first ||
        series.mode() != expected.mode() || series.inner_steps() != expected.inner_steps()) {
      return false;
    }
  }
  return true;
}

bool EvaluationRun::Gather(ScoresRecord scores) {
  const uint32_t shard = scores.shard;
  if (shard >= shards_ || scores_.contains(shard)) return false;
  waiting_.erase(shard);
  Release(shard);
  scores_.emplace(shard, std::move(scores));
  return scores_.size() == shards_;
}

void EvaluationRun::KeepSamples(uint32_t shard, const std::vector<v1::EpisodeSample>& samples) {
  const auto [first, last] = TasksOf(shard);
  const uint32_t end = std::min(last, kSampledTasks);
  for (const v1::EpisodeSample& sample : samples) {
    const bool fits =
        sample.task() >= first && sample.task() < end && sample.ByteSizeLong() <= kMaxSampleBytes;
    if (fits) samples_.emplace(sample.task(), sample);
  }
}

uint64_t EvaluationRun::tasks_done() const {
  uint64_t tasks = 0;
  for (const auto& [shard, scores] : scores_) {
    const auto [first, last] = TasksOf(shard);
    tasks += last - first;
  }
  return tasks;
}

std::vector<ScoresRecord> EvaluationRun::scores() const {
  std::vector<ScoresRecord> all;
  for (const auto& [shard, scores] : scores_) all.push_back(scores);
  return all;
}

std::vector<SampleRecord> EvaluationRun::samples() const {
  std::vector<SampleRecord> all;
  for (const auto& [task, sample] : samples_) all.push_back({record_.evaluation_id, sample});
  return all;
}

}  // namespace outerloop::coordinator
