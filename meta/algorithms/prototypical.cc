#include "meta/algorithms/prototypical.h"

#include <utility>

namespace outerloop::meta {
namespace {

using torch::Tensor;

class PrototypeComparison final : public Comparison {
 public:
  const ParameterLayout& layout() const override { return layout_; }
  const std::map<std::string, InitialRange>& initial_ranges() const override { return ranges_; }

  Tensor Logits(const Tensor&, const EpisodeFeatures& features) const override {
    return -SquaredDistances(features.queries, Prototypes(features));
  }

 private:
  // [T, ways, F]
  static Tensor Prototypes(const EpisodeFeatures& features) {
    const Tensor membership = Membership(features);
    const Tensor sums = torch::bmm(membership.transpose(1, 2), features.support);
    return sums / membership.sum(1).unsqueeze(-1);
  }

  const ParameterLayout layout_{{}};
  const std::map<std::string, InitialRange> ranges_{};
};

}  // namespace

std::unique_ptr<const Comparison> MakePrototypeComparison() {
  return std::make_unique<PrototypeComparison>();
}

std::unique_ptr<const Algorithm> MakePrototypical(EpisodeStatistics statistics,
                                                  std::shared_ptr<const Encoder> encoder) {
  return MakeMetricLearning(std::move(encoder), MakePrototypeComparison(), statistics);
}

std::unique_ptr<const Algorithm> MakePrototypical(const v1::Prototypical& options,
                                                  const ModelFactory& models) {
  return MakePrototypical(StatisticsOf(options.statistics()), models.MakeEncoder());
}

}  // namespace outerloop::meta
