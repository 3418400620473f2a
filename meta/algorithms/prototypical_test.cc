#include "meta/algorithms/prototypical.h"

#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "meta/algorithms/metric_testing.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

constexpr int64_t kTasks = 3;
constexpr int64_t kWays = 4;
constexpr int64_t kShots = 2;
constexpr int64_t kQueries = 5;

// Equations 1 and 2 of the paper, word for word.
Tensor PrototypicalQueryLoss(const Tensor& support, const Tensor& labels, const Tensor& query,
                             int64_t label) {
  std::vector<Tensor> logits;
  for (int64_t k = 0; k < kWays; ++k) {
    const Tensor prototype = support.index_select(0, labels.eq(k).nonzero().view(-1)).mean(0);
    logits.push_back(-(query - prototype).pow(2).sum());
  }
  const Tensor all = torch::stack(logits);
  return all.exp().sum().log() - all[label];
}

class PrototypicalTest : public testing::TestWithParam<std::tuple<const char*, EpisodeStatistics>> {
 protected:
  PrototypicalTest()
      : statistics_(std::get<1>(GetParam())),
        case_(MakeEncoderCase(std::get<0>(GetParam()))),
        algorithm_(MakePrototypical(statistics_, case_.encoder)),
        parameters_(RandomParameters(*algorithm_)),
        shard_(RandomEpisodes(kTasks, kWays, kShots, kQueries)) {}

  const EpisodeStatistics statistics_;
  const EncoderCase case_;
  const std::unique_ptr<const Algorithm> algorithm_;
  const Tensor parameters_;
  const TaskShard shard_;
};

TEST_P(PrototypicalTest, EqualsAutogradTaskByTask) {
  const Tensor variable = parameters_.clone().requires_grad_();
  const Tensor loss =
      PlainLoss(case_.reference, variable, shard_, statistics_, PrototypicalQueryLoss);
  const Tensor expected = torch::autograd::grad({loss}, {variable})[0];
  const ShardGradient actual = algorithm_->MetaGradient(parameters_, shard_);
  EXPECT_NEAR(actual.loss, loss.item<double>(), 1e-10 * actual.loss);
  EXPECT_LT(RelativeError(actual.gradient, expected), 1e-9);
}

TEST_P(PrototypicalTest, EqualsCentralDifferencesOfTheLoss) {
  ExpectCentralDifferences(*algorithm_, parameters_, shard_, /*h=*/1e-6);
}

TEST_P(PrototypicalTest, SumsWhatItsTasksGiveAlone) {
  const TaskShard single = InSinglePrecision(shard_);
  const Tensor single_parameters = parameters_.to(torch::kFloat);
  Tensor sum = torch::zeros_like(parameters_), single_sum = torch::zeros_like(single_parameters);
  for (int64_t task = 0; task < kTasks; ++task) {
    sum += algorithm_->MetaGradient(parameters_, OneTask(shard_, task)).gradient;
    single_sum += algorithm_->MetaGradient(single_parameters, OneTask(single, task)).gradient;
  }
  EXPECT_LT(RelativeError(algorithm_->MetaGradient(parameters_, shard_).gradient, sum), 1e-12);
  EXPECT_LT(RelativeError(algorithm_->MetaGradient(single_parameters, single).gradient, single_sum),
            1e-6);
}

TEST_P(PrototypicalTest, ScoresATaskAloneAsAmongOthers) {
  const TaskScores together = algorithm_->Evaluate(parameters_, shard_, {{0}});
  ASSERT_EQ(together.size(), case_.encoder->has_batch_statistics() ? 2 : 1);
  for (int64_t task = 0; task < kTasks; ++task) {
    const TaskScores alone = algorithm_->Evaluate(parameters_, OneTask(shard_, task), {{0}});
    for (size_t i = 0; i < together.size(); ++i) {
      EXPECT_EQ(alone[i].mode, together[i].mode);
      EXPECT_EQ(alone[i].scores[0], together[i].scores[task]);
    }
  }
}

TEST_P(PrototypicalTest, PredictsAQueryAloneAsAmongOthersInductively) {
  const TaskShard shard = RandomEpisodes(kTasks, kWays, kShots, 40);
  const ScoreSeries together = algorithm_->Evaluate(parameters_, shard, {{0}}).back();
  EXPECT_EQ(together.mode, PredictionMode::kInductive);
  for (int64_t task = 0; task < kTasks; ++task) {
    double right = 0;
    for (int64_t q = 0; q < 40; ++q) {
      right += algorithm_->Evaluate(parameters_, WithQuery(shard, q), {{0}}).back().scores[task];
    }
    EXPECT_FLOAT_EQ(together.scores[task], right / 40);
  }
}

TEST_P(PrototypicalTest, RecognisesItsSupportExamplesAtOneShotInAnyNumberOfWays) {
  for (const int64_t ways : {2, 5, 9}) {
    TaskShard shard = RandomEpisodes(kTasks, ways, /*shots=*/1, /*queries=*/ways);
    shard.query_inputs = shard.support_inputs;
    shard.query_targets = shard.support_targets;
    for (const ScoreSeries& series : algorithm_->Evaluate(parameters_, shard, {{0}})) {
      EXPECT_EQ(series.scores, std::vector<float>(kTasks, 1)) << ways << " ways";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, PrototypicalTest,
                         testing::Combine(testing::Values("Conv4", "MlpImage"),
                                          testing::Values(EpisodeStatistics::kJoint,
                                                          EpisodeStatistics::kSeparate)),
                         [](const auto& info) {
                           const bool joint = std::get<1>(info.param) == EpisodeStatistics::kJoint;
                           return std::string(std::get<0>(info.param)) +
                                  (joint ? "Joint" : "Separate");
                         });

TEST(Prototypical, TrainsTheEncodersParametersAlone) {
  const EncoderCase encoder = MakeEncoderCase("Conv4");
  const auto algorithm = MakePrototypical(EpisodeStatistics::kJoint, encoder.encoder);
  EXPECT_EQ(algorithm->layout().size(), encoder.encoder->layout().size());
  EXPECT_EQ(algorithm->layout().entries()[0].name, "encoder.block1.conv.weight");
}

// Two classes on a line: prototypes at 1 and 4, queries at 2 and 3.
TEST(PrototypeComparison, GivesMinusTheSquaredDistancesToTheMeansOfClasses) {
  const auto points = [](std::vector<double> values) {
    return torch::tensor(values, torch::kDouble).view({1, -1, 1});
  };
  const EpisodeFeatures features{.support = points({0, 2, 3, 5}),
                                 .support_labels = torch::tensor({0, 0, 1, 1}).view({1, 4}),
                                 .queries = points({2, 3}),
                                 .ways = 2};
  const Tensor logits =
      MakePrototypeComparison()->Logits(torch::empty({0}, torch::kDouble), features);
  const Tensor expected = torch::tensor({{{-1.0, -4.0}, {-4.0, -1.0}}}, torch::kDouble);
  EXPECT_TRUE(torch::allclose(logits, expected));
}

}  // namespace
}  // namespace outerloop::meta
