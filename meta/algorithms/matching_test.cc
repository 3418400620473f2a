#include "meta/algorithms/matching.h"

#include <cmath>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "meta/algorithms/metric_testing.h"
#include "meta/algorithms/prototypical.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;
using Similarity = MatchingOptions::Similarity;

constexpr int64_t kTasks = 3;
constexpr int64_t kWays = 4;
constexpr int64_t kShots = 2;
constexpr int64_t kQueries = 5;
constexpr EpisodeStatistics kStatistics = EpisodeStatistics::kJoint;

// ---- The paper, word for word, on one task: vectors [F], support sets [S, F].

// One LSTM with inputs x and recurrent inputs h of any sizes.
struct PlainLstm {
  Tensor input_weight, recurrent_weight, bias;

  // h and c after a step.
  std::pair<Tensor, Tensor> Step(const Tensor& x, const Tensor& h, const Tensor& c) const {
    const Tensor gates = input_weight.mv(x) + recurrent_weight.mv(h) + bias;
    const auto gate = gates.chunk(4);
    const Tensor cell = gate[1].sigmoid() * c + gate[0].sigmoid() * gate[2].tanh();
    return {gate[3].sigmoid() * cell.tanh(), cell};
  }
};

class PlainMatching {
 public:
  // `parameters` is a buffer of `layout`, Matching's.
  PlainMatching(const ParameterLayout& layout, Tensor parameters, const MatchingOptions& options)
      : layout_(layout), parameters_(std::move(parameters)), options_(options) {}

  Tensor operator()(const Tensor& support, const Tensor& labels, const Tensor& query,
                    int64_t label) const {
    const bool context = options_.context_steps > 0;
    const Tensor g = context ? EmbeddedSupport(support) : support;
    const Tensor f = context ? EmbeddedQuery(query, g) : query;
    Tensor of_label = torch::zeros({}, torch::kDouble), all = torch::zeros({}, torch::kDouble);
    for (int64_t i = 0; i < support.size(0); ++i) {
      const Tensor kernel = (options_.scale * Similar(f, g[i])).exp();
      all = all + kernel;
      if (labels[i].item<int64_t>() == label) of_label = of_label + kernel;
    }
    return -(of_label / all).log();
  }

 private:
  Tensor Similar(const Tensor& f, const Tensor& g) const {
    if (options_.similarity == Similarity::kEuclidean) return -(f - g).pow(2).sum();
    return f.dot(g) / (f.norm() * g.norm());
  }

  Tensor Parameter(const std::string& name) const {
    return View(parameters_, layout_.at("comparison." + name));
  }
  PlainLstm LstmOf(const std::string& name) const {
    return {Parameter(name + ".input_weight"), Parameter(name + ".recurrent_weight"),
            Parameter(name + ".bias")};
  }

  // Appendix A.2.
  Tensor EmbeddedSupport(const Tensor& support) const {
    const int64_t size = support.size(0);
    std::vector<Tensor> g(size);
    Tensor h = torch::zeros_like(support[0]), c = h;
    for (int64_t i = 0; i < size; ++i) {
      std::tie(h, c) = LstmOf("support_forward").Step(support[i], h, c);
      g[i] = support[i] + h;
    }
    h = c = torch::zeros_like(support[0]);
    for (int64_t i = size; i-- > 0;) {
      std::tie(h, c) = LstmOf("support_backward").Step(support[i], h, c);
      g[i] = g[i] + h;
    }
    return torch::stack(g);
  }

  // Equations 3 to 6: the recurrent input is [h, r].
  Tensor EmbeddedQuery(const Tensor& query, const Tensor& g) const {
    const int64_t features = query.size(0);
    const PlainLstm stored = LstmOf("query");
    const PlainLstm lstm{
        stored.input_weight.narrow(1, 0, features),
        torch::cat({stored.recurrent_weight, stored.input_weight.narrow(1, features, features)}, 1),
        stored.bias};
    Tensor h = torch::zeros_like(query), r = h, c = h;
    for (int k = 0; k < options_.context_steps; ++k) {
      std::tie(h, c) = lstm.Step(query, torch::cat({h, r}), c);
      h = h + query;
      r = g.mv(h).softmax(0).matmul(g);
    }
    return h;
  }

  const ParameterLayout& layout_;
  const Tensor parameters_;
  const MatchingOptions options_;
};

// ---- The tests

struct Variant {
  const char* name;
  const char* encoder;
  MatchingOptions options;
};

class MatchingTest : public testing::TestWithParam<Variant> {
 protected:
  MatchingTest()
      : case_(MakeEncoderCase(GetParam().encoder)),
        algorithm_(MakeMatching(GetParam().options, kStatistics, case_.encoder)),
        parameters_(RandomParameters(*algorithm_)),
        shard_(RandomEpisodes(kTasks, kWays, kShots, kQueries)) {}

  const EncoderCase case_;
  const std::unique_ptr<const Algorithm> algorithm_;
  const Tensor parameters_;
  const TaskShard shard_;
};

TEST_P(MatchingTest, EqualsAutogradTaskByTask) {
  const Tensor variable = parameters_.clone().requires_grad_();
  const int64_t encoder_size = case_.encoder->layout().size();
  const Tensor encoder = variable.narrow(0, variable.size(0) - encoder_size, encoder_size);
  const Tensor loss = PlainLoss(case_.reference, encoder, shard_, kStatistics,
                                PlainMatching(algorithm_->layout(), variable, GetParam().options));
  const Tensor expected = torch::autograd::grad({loss}, {variable})[0];
  const ShardGradient actual = algorithm_->MetaGradient(parameters_, shard_);
  EXPECT_NEAR(actual.loss, loss.item<double>(), 1e-10 * actual.loss);
  EXPECT_LT(RelativeError(actual.gradient, expected), 1e-9);
}

TEST_P(MatchingTest, EqualsCentralDifferencesOfTheLoss) {
  ExpectCentralDifferences(*algorithm_, parameters_, shard_, /*h=*/1e-6);
}

TEST_P(MatchingTest, SumsWhatItsTasksGiveAlone) {
  Tensor sum = torch::zeros_like(parameters_);
  for (int64_t task = 0; task < kTasks; ++task) {
    sum += algorithm_->MetaGradient(parameters_, OneTask(shard_, task)).gradient;
  }
  EXPECT_LT(RelativeError(algorithm_->MetaGradient(parameters_, shard_).gradient, sum), 1e-12);
}

TEST_P(MatchingTest, ScoresATaskAloneAsAmongOthers) {
  const TaskScores together = algorithm_->Evaluate(parameters_, shard_, {{0}});
  for (int64_t task = 0; task < kTasks; ++task) {
    const TaskScores alone = algorithm_->Evaluate(parameters_, OneTask(shard_, task), {{0}});
    ASSERT_EQ(alone.size(), together.size());
    for (size_t i = 0; i < together.size(); ++i) {
      EXPECT_EQ(alone[i].scores[0], together[i].scores[task]);
    }
  }
}

TEST_P(MatchingTest, PredictsAQueryAloneAsAmongOthersInductively) {
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

TEST_P(MatchingTest, TakesAnyNumberOfWays) {
  for (const int64_t ways : {2, 9}) {
    const TaskShard shard = RandomEpisodes(kTasks, ways, kShots, kQueries);
    EXPECT_EQ(algorithm_->Evaluate(parameters_, shard, {{0}}).back().scores.size(), kTasks);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Variants, MatchingTest,
    testing::Values(Variant{"Conv4", "Conv4", {}}, Variant{"Mlp", "MlpImage", {}},
                    Variant{"Scaled", "MlpImage", {.scale = 10}},
                    Variant{"Euclidean", "MlpImage", {.similarity = Similarity::kEuclidean}},
                    Variant{"FullContext", "Conv4", {.context_steps = 3}},
                    Variant{"EuclideanFullContext",
                            "MlpImage",
                            {.similarity = Similarity::kEuclidean, .context_steps = 2}}),
    [](const auto& info) { return std::string(info.param.name); });

// With one example a class, its prototype is that example (Snell et al. 2017, section 2.4).
TEST(Matching, IsPrototypicalAtOneShotWithEuclideanSimilarity) {
  const EncoderCase encoder = MakeEncoderCase("Conv4");
  const auto matching =
      MakeMatching({.similarity = Similarity::kEuclidean}, kStatistics, encoder.encoder);
  const auto prototypical = MakePrototypical(kStatistics, encoder.encoder);
  const Tensor parameters = RandomParameters(*matching);
  for (const int64_t shots : {1, 2}) {
    const TaskShard shard = RandomEpisodes(kTasks, kWays, shots, kQueries);
    const double error = RelativeError(matching->MetaGradient(parameters, shard).gradient,
                                       prototypical->MetaGradient(parameters, shard).gradient);
    EXPECT_EQ(error < 1e-10, shots == 1) << shots << " shots: " << error;
  }
}

// For features of unit length |a - b|^2 = 2 - 2 cos, so at one shot the classes are in the same
// order, with half the differences.
TEST(Matching, RanksClassesAsPrototypicalDoesAtOneShotForFeaturesOfUnitLength) {
  torch::manual_seed(1);
  const auto unit = [](int64_t n) {
    const Tensor features = torch::randn({2, n, 6}, torch::kDouble);
    return features / features.norm(2, -1, /*keepdim=*/true);
  };
  const EpisodeFeatures features{.support = unit(kWays),
                                 .support_labels = torch::arange(kWays).repeat({2, 1}),
                                 .queries = unit(kQueries),
                                 .ways = kWays};
  const Tensor none = torch::empty({0}, torch::kDouble);
  const Tensor cosine = MakeMatchingComparison({}, 6)->Logits(none, features);
  const Tensor distance = MakePrototypeComparison()->Logits(none, features);
  EXPECT_TRUE(torch::allclose(2 * cosine - 2, distance, 1e-12, 1e-12));
}

// Half a turn between two examples: the query's similarities are cos 60 and cos 120 degrees.
TEST(MatchingComparison, AttendsByTheCosineWhateverTheLengths) {
  const auto points = [](std::vector<double> values) {
    return torch::tensor(values, torch::kDouble).view({1, -1, 2});
  };
  const EpisodeFeatures features{.support = points({2, 0, -3, 0}),
                                 .support_labels = torch::tensor({0, 1}).view({1, 2}),
                                 .queries = points({5, 5 * std::sqrt(3.0)}),
                                 .ways = 2};
  const Tensor logits =
      MakeMatchingComparison({}, 2)->Logits(torch::empty({0}, torch::kDouble), features);
  EXPECT_TRUE(torch::allclose(logits, torch::tensor({{{0.5, -0.5}}}, torch::kDouble)));
}

TEST(Matching, TrainsThreeLstmsForFullContextEmbeddings) {
  const EncoderCase encoder = MakeEncoderCase("Conv4");
  const int64_t f = encoder.encoder->features();
  const auto matching = MakeMatching({.context_steps = 3}, kStatistics, encoder.encoder);
  const int64_t lstms = 2 * 4 * f * (f + f + 1) + 4 * f * (2 * f + f + 1);
  EXPECT_EQ(matching->layout().size(), encoder.encoder->layout().size() + lstms);
}

}  // namespace
}  // namespace outerloop::meta
