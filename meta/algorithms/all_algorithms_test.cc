// What every algorithm keeps, whatever its options.
#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "meta/algorithms/registry.h"

namespace outerloop::meta {
namespace {

constexpr int64_t kTasks = 3, kWays = 3, kShots = 2, kQueries = 4, kPixels = 4;

struct Options {
  const char* name;
  const char* algorithm;  // A complete v1::Algorithm as text.
  bool takes_curves = false;
};

const Options kAlgorithms[] = {
    {"Maml", "maml { inner_steps: 2 inner_rate: 0.1 order: SECOND }"},
    {"MamlOfFirstOrder", "maml { inner_steps: 2 inner_rate: 0.1 order: FIRST }"},
    {"MamlRecomputed", "maml { inner_steps: 2 inner_rate: 0.1 order: SECOND recompute: true }"},
    {"MamlPlusPlus",
     "maml { inner_steps: 2 inner_rate: 0.1 order: SECOND learned_rates: true"
     " early_loss_weight: 1 early_loss_decay_steps: 5 step_normalization: true }"},
    {"MamlOnCurves", "maml { inner_steps: 2 inner_rate: 0.1 order: SECOND }", true},
    {"MetaSgd", "meta_sgd { inner_steps: 2 initial_rate: 0.1 }"},
    {"Reptile", "reptile { inner_steps: 3 inner_rate: 0.1 inner_optimizer: ADAM inner_batch: 4 }"},
    {"ReptileOfKeptMoments",
     "reptile { inner_steps: 3 inner_rate: 0.1 inner_optimizer: ADAM keep_moments: true }"},
    {"Anil", "anil { inner_steps: 2 inner_rate: 0.1 }"},
    {"Prototypical", "prototypical { statistics: JOINT }"},
    {"Matching", "matching { similarity: COSINE context_steps: 2 statistics: SEPARATE }"},
    {"Cnp", "cnp { representation: 8 }", true},
};

class AllAlgorithmsTest : public testing::TestWithParam<Options> {
 protected:
  std::unique_ptr<const Algorithm> Make() const {
    v1::Algorithm algorithm;
    v1::Model model;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(GetParam().algorithm, &algorithm));
    model.mutable_mlp()->add_hidden(6);
    return MakeAlgorithm(algorithm, ModelFactory(model, Shape()));
  }

  static TaskShape Shape() {
    if (GetParam().takes_curves) return {TaskShape::Targets::kValues, {1}, 1};
    return {TaskShape::Targets::kClasses, {1, kPixels, kPixels}, kWays};
  }

  static TaskShard Shard() {
    if (GetParam().takes_curves) return {Points(5), Points(5), Points(kQueries), Points(kQueries)};
    const torch::Tensor labels = torch::arange(kWays).repeat_interleave(kShots).repeat({kTasks, 1});
    return {Images(kWays * kShots), labels, Images(kQueries),
            torch::randint(kWays, {kTasks, kQueries}, torch::kLong), kWays};
  }

 private:
  static torch::Tensor Points(int64_t examples) { return torch::randn({kTasks, examples, 1}); }
  static torch::Tensor Images(int64_t examples) {
    return torch::rand({kTasks, examples, 1, kPixels, kPixels});
  }
};

TEST_P(AllAlgorithmsTest, SaysWhereItsStepsDiffer) {
  const auto algorithm = Make();
  const torch::Tensor parameters = algorithm->InitialParameters(/*seed=*/1);
  const TaskShard shard = Shard();
  const auto gradient = [&](uint64_t step) {
    return algorithm->MetaGradient(parameters, shard, step).gradient;
  };
  for (uint64_t step = 1; step < 8; ++step) {
    if (algorithm->VariesAt(step)) continue;
    EXPECT_TRUE(torch::equal(gradient(step), gradient(step + 1))) << step;
    EXPECT_FALSE(algorithm->VariesAt(step + 1)) << step;
  }
  EXPECT_FALSE(algorithm->VariesAt(8));
}

// The scores of one output a query, by another reading of what a score is; nothing of
// distributions.
torch::Tensor ScoresOf(const ScoreSeries& series, const TaskShard& shard) {
  if (series.metric == "mse") return (series.outputs - shard.query_targets).square().mean({1, 2});
  const torch::Tensor right = series.outputs.argmax(-1) == shard.query_targets;
  return right.to(torch::kFloat).mean(1);
}

TEST_P(AllAlgorithmsTest, GivesTheOutputsThatItsScoresAreOf) {
  const auto algorithm = Make();
  const TaskShard shard = Shard();
  for (const ScoreSeries& series :
       algorithm->Evaluate(algorithm->InitialParameters(/*seed=*/1), shard, {{0, 2}})) {
    ASSERT_EQ(series.outputs.dim(), 3);
    EXPECT_EQ(series.outputs.size(0), kTasks);
    EXPECT_EQ(series.outputs.size(1), kQueries);
    if (series.metric == "log_likelihood") continue;
    const torch::Tensor expected = ScoresOf(series, shard);
    for (int64_t task = 0; task < kTasks; ++task) {
      EXPECT_NEAR(series.scores[static_cast<size_t>(task)], expected[task].item<float>(), 1e-5);
    }
  }
}

// Reports show the last series, each query of which is predicted alone.
TEST_P(AllAlgorithmsTest, EndsWithTheInductiveSeriesOfTheMostSteps) {
  const auto algorithm = Make();
  const TaskScores scores =
      algorithm->Evaluate(algorithm->InitialParameters(/*seed=*/1), Shard(), {{0, 2}});
  EXPECT_EQ(scores.back().mode, PredictionMode::kInductive);
  for (const ScoreSeries& series : scores) {
    EXPECT_LE(series.inner_steps, scores.back().inner_steps);
  }
}

INSTANTIATE_TEST_SUITE_P(Algorithms, AllAlgorithmsTest, testing::ValuesIn(kAlgorithms),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace outerloop::meta
