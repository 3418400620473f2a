#include "meta/algorithms/cnp.h"

#include <cmath>
#include <numbers>
#include <string>

#include "gtest/gtest.h"
#include "meta/algorithms/algorithm_testing.h"
#include "meta/models/model.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

constexpr int64_t kTasks = 3;
constexpr int64_t kSupport = 4;
constexpr int64_t kQueries = 6;
constexpr int64_t kRepresentation = 5;

// Curves of one input and `outputs` values.
TaskShard RandomCurves(int64_t outputs) {
  const auto points = [](int64_t n, int64_t width) {
    return torch::randn({kTasks, n, width}, torch::kDouble);
  };
  return {points(kSupport, 1), points(kSupport, outputs), points(kQueries, 1),
          points(kQueries, outputs)};
}

std::unique_ptr<const Algorithm> SmallCnp(int64_t outputs) {
  return MakeCnp(
      MakeMlpEncoder({.inputs = 1 + outputs, .hidden = {7, 6}, .outputs = kRepresentation}),
      MakeMlpEncoder({.inputs = 1 + kRepresentation, .hidden = {7, 6}, .outputs = 2 * outputs}));
}

// ---- The paper, word for word, on one task.

Tensor PlainMlp(const ParameterLayout& layout, const Tensor& parameters, const std::string& part,
                Tensor x) {
  for (int number = 1; number <= 3; ++number) {
    const std::string name = part + ".linear" + std::to_string(number);
    x = View(parameters, layout.at(name + ".weight")).mv(x) +
        View(parameters, layout.at(name + ".bias"));
    if (number < 3) x = x.relu();
  }
  return x;
}

Tensor PlainLoss(const ParameterLayout& layout, const Tensor& parameters, const TaskShard& shard,
                 int64_t task) {
  Tensor r = torch::zeros({kRepresentation}, torch::kDouble);
  for (int64_t i = 0; i < kSupport; ++i) {
    r = r + PlainMlp(layout, parameters, "encoder",
                     torch::cat({shard.support_inputs[task][i], shard.support_targets[task][i]}));
  }
  r = r / kSupport;
  Tensor sum = torch::zeros({}, torch::kDouble);
  for (int64_t q = 0; q < kQueries; ++q) {
    const Tensor out =
        PlainMlp(layout, parameters, "decoder", torch::cat({shard.query_inputs[task][q], r}));
    const Tensor y = shard.query_targets[task][q];
    for (int64_t d = 0; d < y.size(0); ++d) {
      const Tensor sigma = 0.1 + 0.9 * (1 + out[y.size(0) + d].exp()).log();
      const Tensor density = (-(y[d] - out[d]).pow(2) / (2 * sigma.pow(2))).exp() /
                             (sigma * std::sqrt(2 * std::numbers::pi));
      sum = sum - density.log();
    }
  }
  return sum / kQueries;
}

// ---- The tests, by the number of values of a point.

class CnpTest : public testing::TestWithParam<int64_t> {
 protected:
  CnpTest() : algorithm_(SmallCnp(GetParam())) {
    at::set_num_threads(1);  // More would only wait for each other.
    torch::manual_seed(23);
    parameters_ = RandomParameters(*algorithm_);
    shard_ = RandomCurves(GetParam());
  }

  ScoreSeries Score(const TaskShard& shard) const {
    return algorithm_->Evaluate(parameters_, shard, {{0}}).at(0);
  }

  const std::unique_ptr<const Algorithm> algorithm_;
  Tensor parameters_;
  TaskShard shard_;
};

TEST_P(CnpTest, EqualsAutogradTaskByTask) {
  const Tensor variable = parameters_.clone().requires_grad_();
  Tensor loss = torch::zeros({}, torch::kDouble);
  for (int64_t task = 0; task < kTasks; ++task) {
    loss = loss + PlainLoss(algorithm_->layout(), variable, shard_, task);
  }
  const Tensor expected = torch::autograd::grad({loss}, {variable})[0];
  const ShardGradient actual = algorithm_->MetaGradient(parameters_, shard_);
  EXPECT_NEAR(actual.loss, loss.item<double>(), 1e-10);
  EXPECT_LT(RelativeError(actual.gradient, expected), 1e-9);
  EXPECT_FALSE(actual.accuracy.has_value());
}

TEST_P(CnpTest, EqualsCentralDifferencesOfTheLoss) {
  ExpectCentralDifferences(*algorithm_, parameters_, shard_, /*h=*/1e-6);
}

TEST_P(CnpTest, SumsWhatItsTasksGiveAlone) {
  Tensor sum = torch::zeros_like(parameters_);
  for (int64_t task = 0; task < kTasks; ++task) {
    sum += algorithm_->MetaGradient(parameters_, OneTask(shard_, task)).gradient;
  }
  EXPECT_LT(RelativeError(algorithm_->MetaGradient(parameters_, shard_).gradient, sum), 1e-12);
}

TEST_P(CnpTest, ScoresATaskAloneByMinusItsLoss) {
  const ScoreSeries together = Score(shard_);
  EXPECT_EQ(together.metric, "log_likelihood");
  EXPECT_EQ(together.mode, PredictionMode::kInductive);
  for (int64_t task = 0; task < kTasks; ++task) {
    EXPECT_NEAR(Score(OneTask(shard_, task)).scores.at(0), together.scores[task], 1e-6);
    EXPECT_NEAR(-algorithm_->MetaGradient(parameters_, OneTask(shard_, task)).loss,
                together.scores[task], 1e-5);
  }
}

TEST_P(CnpTest, PredictsAQueryAloneAsAmongOthers) {
  Tensor sum = torch::zeros({kTasks});
  for (int64_t q = 0; q < kQueries; ++q) {
    TaskShard one = shard_;
    one.query_inputs = shard_.query_inputs.narrow(1, q, 1);
    one.query_targets = shard_.query_targets.narrow(1, q, 1);
    sum += torch::tensor(Score(one).scores);
  }
  EXPECT_TRUE(torch::allclose(sum / kQueries, torch::tensor(Score(shard_).scores), 1e-5, 1e-5));
}

TEST_P(CnpTest, DoesNotDependOnTheOrderOfTheSupportSet) {
  TaskShard turned = shard_;
  turned.support_inputs = shard_.support_inputs.flip(1);
  turned.support_targets = shard_.support_targets.flip(1);
  EXPECT_NEAR(algorithm_->MetaGradient(parameters_, turned).loss,
              algorithm_->MetaGradient(parameters_, shard_).loss, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Values, CnpTest, testing::Values(1, 3));

// The decoder's bias alone says mu = 0 and s = -1000, which softplus makes 0.
TEST(Cnp, BoundsItsStandardDeviationBelow) {
  const auto algorithm = SmallCnp(1);
  const ParameterLayout& layout = algorithm->layout();
  const Tensor parameters = torch::zeros({layout.size()}, torch::kDouble);
  View(parameters, layout.at("decoder.linear3.bias"))[1] = -1000;
  TaskShard shard = RandomCurves(1);
  shard.query_targets.fill_(0.2);
  const double expected = -0.5 * 4 - std::log(0.1 * std::sqrt(2 * std::numbers::pi));
  EXPECT_NEAR(algorithm->Evaluate(parameters, shard, {{0}})[0].scores[0], expected, 1e-5);
}

}  // namespace
}  // namespace outerloop::meta
