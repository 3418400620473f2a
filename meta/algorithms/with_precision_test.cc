#include "meta/algorithms/with_precision.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace outerloop::meta {
namespace {

// Notes by which precision it is asked. Its values are factors.
class Rounded final : public Algorithm {
 public:
  const ParameterLayout& layout() const override { return layout_; }
  torch::Tensor InitialParameters(uint64_t) const override { return torch::full({1}, kThird); }

  TaskSums Differentiate(const torch::Tensor& parameters, const TaskShard&,
                         uint64_t step) const override {
    const torch::Tensor gradient = Factor(parameters);
    return {.gradient = gradient,
            .loss = torch::scalar_tensor(static_cast<double>(step), torch::kDouble),
            .accuracy = {}};
  }
  bool VariesAt(uint64_t step) const override { return step < 3; }

  TaskScores Evaluate(const torch::Tensor& parameters, const TaskShard&,
                      const EvaluationOptions&) const override {
    return {{PredictionMode::kInductive, 0, "mse", {Factor(parameters).item<float>()}}};
  }

  static constexpr float kThird = 1.0f / 3;
  static constexpr float kThirdInBfloat16 = 0.333984375f;  // 171 / 512.

 private:
  const ParameterLayout layout_{std::map<std::string, std::vector<int64_t>>{{"weight", {1}}}};
};

TEST(WithPrecisionTest, IsTheAlgorithmItselfInFullPrecision) {
  auto algorithm = std::make_unique<Rounded>();
  const Algorithm* const itself = algorithm.get();
  EXPECT_EQ(WithPrecision(ProductPrecision::kFloat32, std::move(algorithm)).get(), itself);
}

TEST(WithPrecisionTest, RoundsWhileTheAlgorithmComputes) {
  const auto rounding = WithPrecision(ProductPrecision::kBfloat16, std::make_unique<Rounded>());
  const torch::Tensor parameters = rounding->InitialParameters(1);
  EXPECT_EQ(parameters.item<float>(), Rounded::kThird);
  EXPECT_EQ(rounding->MetaGradient(parameters, {}).gradient.item<float>(),
            Rounded::kThirdInBfloat16);
  EXPECT_EQ(rounding->Evaluate(parameters, {}, {})[0].scores,
            std::vector<float>{Rounded::kThirdInBfloat16});
  EXPECT_EQ(Factor(parameters).item<float>(), Rounded::kThird);
}

TEST(WithPrecisionTest, IsOtherwiseAsTheAlgorithm) {
  const auto rounding = WithPrecision(ProductPrecision::kTf32, std::make_unique<Rounded>());
  EXPECT_EQ(rounding->layout().at("weight").size, 1);
  EXPECT_EQ(rounding->MetaGradient(rounding->InitialParameters(1), {}, /*step=*/7).loss, 7);
  EXPECT_TRUE(rounding->VariesAt(2));
  EXPECT_FALSE(rounding->VariesAt(3));
}

}  // namespace
}  // namespace outerloop::meta
