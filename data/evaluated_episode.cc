#include "data/evaluated_episode.h"

namespace outerloop::data {
namespace {

template <typename Kind>
void TakeSizes(const v1::EvaluationSpec& evaluation, Kind& kind) {
  if (evaluation.has_shots()) kind.set_shots(evaluation.shots());
  if (evaluation.has_queries()) kind.set_queries(evaluation.queries());
}

}  // namespace

uint32_t ShotsOf(const v1::Episode& episode) {
  return episode.has_sinusoid() ? episode.sinusoid().shots() : episode.classification().shots();
}

uint32_t QueriesOf(const v1::Episode& episode) {
  return episode.has_sinusoid() ? episode.sinusoid().queries() : episode.classification().queries();
}

v1::Episode EvaluatedEpisode(const v1::EvaluationSpec& evaluation, const v1::Episode& episode) {
  v1::Episode evaluated = episode;
  if (evaluated.has_sinusoid()) {
    TakeSizes(evaluation, *evaluated.mutable_sinusoid());
  } else {
    TakeSizes(evaluation, *evaluated.mutable_classification());
    if (evaluation.has_ways()) {
      evaluated.mutable_classification()->set_ways(evaluation.ways());
    }
  }
  return evaluated;
}

}  // namespace outerloop::data
