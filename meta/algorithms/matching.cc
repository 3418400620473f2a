#include "meta/algorithms/matching.h"

#include <utility>
#include <vector>

#include "meta/algorithms/full_context.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

// Of unit length; zero stays zero.
Tensor Directions(const Tensor& vectors) {
  return vectors / vectors.norm(2, -1, /*keepdim=*/true).clamp_min(1e-8);
}

class MatchingComparison final : public Comparison {
 public:
  MatchingComparison(const MatchingOptions& options, int64_t features)
      : options_(options),
        context_(features),
        layout_(options.context_steps > 0 ? context_.layout() : ParameterLayout({})),
        initial_ranges_(options.context_steps > 0 ? context_.initial_ranges() : InitialRanges()) {}

  const ParameterLayout& layout() const override { return layout_; }
  const std::map<std::string, InitialRange>& initial_ranges() const override {
    return initial_ranges_;
  }

  // log of the sum over y_i = k of exp(c(f(x), g(x_i))): the softmax over k is then equation 1.
  Tensor Logits(const Tensor& parameters, const EpisodeFeatures& features) const override {
    const Tensor similarities =
        options_.scale * Similarities(Embedded(parameters, features));  // [T, Q, S]
    const Tensor outside = Membership(features).log();  // 0 in the class, else minus infinity.
    return torch::logsumexp(similarities.unsqueeze(3) + outside.unsqueeze(1), 2);
  }

 private:
  using InitialRanges = std::map<std::string, InitialRange>;

  EpisodeFeatures Embedded(const Tensor& parameters, const EpisodeFeatures& features) const {
    if (options_.context_steps == 0) return features;
    EpisodeFeatures embedded = features;
    embedded.support = context_.EmbedSupport(parameters, features.support);
    embedded.queries = context_.EmbedQueries(parameters, features.queries, embedded.support,
                                             options_.context_steps);
    return embedded;
  }

  Tensor Similarities(const EpisodeFeatures& embedded) const {
    if (options_.similarity == MatchingOptions::Similarity::kEuclidean) {
      return -SquaredDistances(embedded.queries, embedded.support);
    }
    return torch::bmm(Directions(embedded.queries), Directions(embedded.support).transpose(1, 2));
  }

  const MatchingOptions options_;
  const FullContext context_;
  const ParameterLayout layout_;
  const InitialRanges initial_ranges_;
};

}  // namespace

std::unique_ptr<const Comparison> MakeMatchingComparison(const MatchingOptions& options,
                                                         int64_t features) {
  return std::make_unique<MatchingComparison>(options, features);
}

std::unique_ptr<const Algorithm> MakeMatching(const MatchingOptions& options,
                                              EpisodeStatistics statistics,
                                              std::shared_ptr<const Encoder> encoder) {
  auto comparison = MakeMatchingComparison(options, encoder->features());
  return MakeMetricLearning(std::move(encoder), std::move(comparison), statistics);
}

std::unique_ptr<const Algorithm> MakeMatching(const v1::Matching& options,
                                              const ModelFactory& models) {
  using Similarity = MatchingOptions::Similarity;
  return MakeMatching(
      {.similarity = options.similarity() == v1::Matching::EUCLIDEAN ? Similarity::kEuclidean
                                                                     : Similarity::kCosine,
       .scale = options.scale(),
       .context_steps = static_cast<int>(options.context_steps())},
      StatisticsOf(options.statistics()), models.MakeEncoder());
}

}  // namespace outerloop::meta
