// Values of the meta-gradient that a person can compute on paper: one linear neuron without bias,
// loss 1/2 (x . w)^2.
#include "gtest/gtest.h"
#include "meta/algorithms/maml.h"
#include "meta/models/layered_learner.h"
#include "meta/ops/linear.h"
#include "meta/ops/mean_squared_error.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

// Half of another loss.
class HalfOf final : public Loss {
 public:
  explicit HalfOf(std::shared_ptr<const Loss> whole) : whole_(std::move(whole)) {}

  Tensor Forward(const Tensor& outputs, const Tensor& targets, Record& record) const override {
    return 0.5 * whole_->Forward(outputs, targets, record);
  }
  Tensor Backward(const Record& record) const override { return 0.5 * whole_->Backward(record); }
  Tensor TangentBackward(const Tensor& output_tangent, const Record& record) const override {
    return 0.5 * whole_->TangentBackward(output_tangent, record);
  }
  std::string metric() const override { return whole_->metric(); }
  Tensor Score(const Tensor& outputs, const Tensor& targets) const override {
    return 0.5 * whole_->Score(outputs, targets);
  }

 private:
  const std::shared_ptr<const Loss> whole_;
};

std::shared_ptr<const Learner> Neuron() {
  const std::vector<NamedLayer> layers = {
      {"neuron", MakeLinear({.inputs = 3, .outputs = 1, .bias = false})}};
  return std::make_shared<LayeredLearner>(layers, std::make_unique<HalfOf>(MakeMeanSquaredError()));
}

Tensor Vector(double a, double b, double c) { return torch::tensor({a, b, c}, torch::kDouble); }

const Tensor& W() {
  static const Tensor* const w = new Tensor(Vector(2, 3, 5));
  return *w;
}

TaskShard Task() {
  const Tensor zero = torch::zeros({1, 1, 1}, torch::kDouble);
  return {Vector(1, 2, 3).view({1, 1, 3}), zero, Vector(4, 5, 6).view({1, 1, 3}), zero};
}

// Support set and queries of Task() have changed places.
TaskShard SwappedTask() {
  const TaskShard task = Task();
  return {task.query_inputs, task.query_targets, task.support_inputs, task.support_targets};
}

ShardGradient MetaGradient(bool second_order, const TaskShard& task = Task()) {
  return MakeMaml({.inner_steps = 1, .inner_rate = 0.5, .second_order = second_order}, Neuron())
      ->MetaGradient(W(), task);
}

TEST(MamlGolden, Adapts) {
  const auto learner = Neuron();
  const TaskShard task = Task();
  const Tensor gradient =
      learner->Differentiate(W().view({1, 3}), task.support_inputs, task.support_targets).gradient;
  EXPECT_TRUE(torch::equal(W() - 0.5 * gradient[0], Vector(-9.5, -20, -29.5)));
}

TEST(MamlGolden, HasTheQueryLossAfterAdaptation) {
  EXPECT_EQ(MetaGradient(true).loss, 49612.5);
  EXPECT_FALSE(MetaGradient(true).accuracy.has_value());
}

TEST(MamlGolden, HasTheSecondOrderGradient) {
  EXPECT_TRUE(torch::equal(MetaGradient(true).gradient, Vector(3780, 8505, 13230)));
}

TEST(MamlGolden, HasTheFirstOrderGradient) {
  EXPECT_TRUE(torch::equal(MetaGradient(false).gradient, Vector(-1260, -1575, -1890)));
}

TEST(MamlGolden, HasTheValuesOfTheSwappedTask) {
  EXPECT_EQ(MetaGradient(true, SwappedTask()).loss, 340312.5);
  EXPECT_TRUE(
      torch::equal(MetaGradient(false, SwappedTask()).gradient, Vector(-825, -1650, -2475)));
  EXPECT_TRUE(
      torch::equal(MetaGradient(true, SwappedTask()).gradient, Vector(51975, 64350, 76725)));
}

// -(23 x_i) (-315 q_i) for the rate of weight i, with support example x and query q: 23 is what the
// weights say of x before adaptation, -315 what they say of q after it.
TEST(MamlGolden, HasTheGradientOfLearnedRates) {
  const auto maml = MakeMaml(
      {.inner_steps = 1, .inner_rate = 0.5, .rates = InnerRateKind::kPerParameter}, Neuron());
  const Tensor weights_and_rates = torch::cat({W(), torch::full_like(W(), 0.5)});
  const Tensor gradient = maml->MetaGradient(weights_and_rates, Task()).gradient;
  EXPECT_TRUE(torch::equal(gradient.narrow(0, 0, 3), MetaGradient(true).gradient));
  EXPECT_TRUE(torch::equal(gradient.narrow(0, 3, 3), Vector(28980, 72450, 130410)));
}

TEST(MamlGolden, ScoresBeforeAndAfterAdaptation) {
  const TaskScores scores = MakeMaml({.inner_steps = 1, .inner_rate = 0.5}, Neuron())
                                ->Evaluate(W(), Task(), {.inner_steps = {0, 1}});
  ASSERT_EQ(scores.size(), 2);
  EXPECT_EQ(scores[0].metric, "mse");
  EXPECT_EQ(scores[0].scores, std::vector<float>{0.5f * 53 * 53});
  EXPECT_EQ(scores[1].inner_steps, 1);
  EXPECT_EQ(scores[1].scores, std::vector<float>{49612.5f});
}

}  // namespace
}  // namespace outerloop::meta
