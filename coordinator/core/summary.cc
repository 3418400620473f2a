#include "coordinator/core/summary.h"

#include <map>
#include <string>
#include <utility>

#include "common/mean_and_interval.h"

namespace outerloop::coordinator {
namespace {

// The scores of one way to evaluate, over all shards.
struct Series {
  std::string metric;
  std::vector<double> scores;
};
using SeriesByWay = std::map<std::pair<v1::PredictionMode, uint32_t>, Series>;

SeriesByWay Concatenate(std::span<const ScoresRecord> shards) {
  SeriesByWay all;
  for (const ScoresRecord& shard : shards) {
    for (const v1::ScoreSeries& piece : shard.series) {
      Series& series = all[{piece.mode(), piece.inner_steps()}];
      series.metric = piece.metric();
      series.scores.insert(series.scores.end(), piece.scores().begin(), piece.scores().end());
    }
  }
  return all;
}

}  // namespace

std::vector<v1::EvaluationResult> Summarise(const v1::EvaluationSpec& spec,
                                            std::span<const ScoresRecord> shards) {
  std::vector<v1::EvaluationResult> results;
  for (const auto& [way, series] : Concatenate(shards)) {
    if (series.scores.empty()) continue;
    const MeanAndInterval summary = outerloop::Summarise(series.scores);
    v1::EvaluationResult& result = results.emplace_back();
    result.set_split(spec.split());
    result.set_mode(way.first);
    result.set_inner_steps(way.second);
    result.set_metric(series.metric);
    result.set_tasks(series.scores.size());
    result.set_mean(summary.mean);
    result.set_ci95(summary.ci95);
  }
  return results;
}

}  // namespace outerloop::coordinator
