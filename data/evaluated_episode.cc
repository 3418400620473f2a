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
  switch (episode.kind_case()) {
    case v1::Episode::kSinusoid:
      return episode.sinusoid().shots();
    case v1::Episode::kGaussianProcess:
      return episode.gaussian_process().shots();
    default:
      return episode.classification().shots();
  }
}

uint32_t QueriesOf(const v1::Episode& episode) {
  switch (episode.kind_case()) {
    case v1::Episode::kSinusoid:
      return episode.sinusoid().queries();
    case v1::Episode::kGaussianProcess:
      return episode.gaussian_process().queries();
    default:
      return episode.classification().queries();
  }
}

v1::Episode EvaluatedEpisode(const v1::EvaluationSpec& evaluation, const v1::Episode& episode) {
  v1::Episode evaluated = episode;
  switch (evaluated.kind_case()) {
    case v1::Episode::kSinusoid:
      TakeSizes(evaluation, *evaluated.mutable_sinusoid());
      break;
    case v1::Episode::kGaussianProcess:
      TakeSizes(evaluation, *evaluated.mutable_gaussian_process());
      break;
    default:
      TakeSizes(evaluation, *evaluated.mutable_classification());
      if (evaluation.has_ways()) {
        evaluated.mutable_classification()->set_ways(evaluation.ways());
      }
  }
  return evaluated;
}

}  // namespace outerloop::data
