#include "meta/algorithms/with_precision.h"

#include <utility>

namespace outerloop::meta {
namespace {

class RoundingAlgorithm final : public Algorithm {
 public:
  RoundingAlgorithm(ProductPrecision precision, std::unique_ptr<const Algorithm> algorithm)
      : precision_(precision), algorithm_(std::move(algorithm)) {}

  const ParameterLayout& layout() const override { return algorithm_->layout(); }
  torch::Tensor InitialParameters(uint64_t seed) const override {
    return algorithm_->InitialParameters(seed);
  }

  TaskSums Differentiate(const torch::Tensor& parameters, const TaskShard& shard,
                         uint64_t step) const override {
    const ProductPrecisionGuard guard(precision_);
    return algorithm_->Differentiate(parameters, shard, step);
  }
  bool VariesAt(uint64_t step) const override { return algorithm_->VariesAt(step); }

  TaskScores Evaluate(const torch::Tensor& parameters, const TaskShard& shard,
                      const EvaluationOptions& options) const override {
    const ProductPrecisionGuard guard(precision_);
    return algorithm_->Evaluate(parameters, shard, options);
  }

 private:
  const ProductPrecision precision_;
  const std::unique_ptr<const Algorithm> algorithm_;
};

}  // namespace

std::unique_ptr<const Algorithm> WithPrecision(ProductPrecision precision,
                                               std::unique_ptr<const Algorithm> algorithm) {
  if (precision == ProductPrecision::kFloat32) return algorithm;
  return std::make_unique<RoundingAlgorithm>(precision, std::move(algorithm));
}

}  // namespace outerloop::meta
