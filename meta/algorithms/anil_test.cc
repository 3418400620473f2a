#include "meta/algorithms/anil.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "meta/algorithms/learner_testing.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

constexpr double kRate = 0.3;

// A network whole, and without its last layer. Their flat buffers have one order: body, then head.
struct BodyCase {
  std::shared_ptr<const Learner> whole;
  TaskLoss reference;  // Of the whole.
  std::shared_ptr<const Encoder> body;
};

BodyCase MakeBodyCase(const std::string& name) {
  at::set_num_threads(1);  // More would only wait for each other.
  torch::manual_seed(5);
  if (name == "Conv4") {
    const Conv4Options options = {.height = 12, .width = 12, .filters = 6, .ways = 5};
    std::shared_ptr<const Learner> whole = MakeConv4(options);
    return {whole, AutogradConv4Loss(whole->layout()), MakeConv4Encoder(options)};
  }
  const MlpClassificationOptions options = {.height = 12, .width = 12, .hidden = {9, 7}, .ways = 5};
  std::shared_ptr<const Learner> whole = MakeMlpClassification(options);
  return {whole, AutogradMlpClassificationLoss(whole->layout(), 3), MakeMlpImageEncoder(options)};
}

class AnilTest : public testing::TestWithParam<const char*> {
 protected:
  AnilTest()
      : case_(MakeBodyCase(GetParam())),
        shard_(ImageShard()),
        body_(case_.body->layout().size()),
        parameters_(RandomParameters(*Anil(1))) {}

  std::unique_ptr<const Algorithm> Anil(int inner_steps) const {
    return MakeAnil({.inner_steps = inner_steps, .inner_rate = kRate}, case_.body, /*ways=*/5);
  }

  // 0 for the body, the inner rate for the head, [P].
  Tensor RateOfHead() const {
    Tensor rates = torch::full_like(parameters_, kRate);
    rates.narrow(0, 0, body_).zero_();
    return rates;
  }

  const BodyCase case_;
  const TaskShard shard_;
  const int64_t body_;  // Parameters of it.
  const Tensor parameters_;
};

TEST_P(AnilTest, HasTheParametersOfTheWholeNetwork) {
  EXPECT_EQ(Anil(1)->layout().size(), case_.whole->layout().size());
  EXPECT_EQ(Anil(1)->layout().at("head.weight").offset, body_ + 5);
}

// The reference takes the whole network through the inner loop, at no rate in the body.
TEST_P(AnilTest, EqualsAutogradThroughTheInnerLoop) {
  for (const int steps : {0, 1, 3}) {
    const PlainLoss loss = [&](const Tensor& all, int64_t task) {
      const std::vector<Tensor> rates(static_cast<size_t>(steps), RateOfHead());
      return case_.reference(PlainDescent(case_.reference, all, shard_, task, rates),
                             shard_.query_inputs[task], shard_.query_targets[task]);
    };
    const Tensor expected = PlainGradient(loss, parameters_, kTasks);
    const Tensor gradient = Anil(steps)->MetaGradient(parameters_, shard_).gradient;
    const int64_t head = parameters_.size(0) - body_;
    EXPECT_LT(RelativeError(gradient.narrow(0, 0, body_), expected.narrow(0, 0, body_)), 1e-9);
    EXPECT_LT(RelativeError(gradient.narrow(0, body_, head), expected.narrow(0, body_, head)),
              1e-9);
  }
}

TEST_P(AnilTest, EqualsCentralDifferences) {
  for (const int steps : {1, 3})
    ExpectCentralDifferences(*Anil(steps), parameters_, shard_, kInnerLoopDifference);
}

TEST_P(AnilTest, GivesEveryTaskItsOwnResults) {
  ExpectTasksIndependent(*Anil(2), parameters_, shard_);
}

// Encodes as another encoder does, and keeps the parameters that it was asked to encode with.
class WatchedEncoder final : public Encoder {
 public:
  explicit WatchedEncoder(const Encoder& encoder) : encoder_(encoder) {}

  const ParameterLayout& layout() const override { return encoder_.layout(); }
  const std::map<std::string, InitialRange>& initial_ranges() const override {
    return encoder_.initial_ranges();
  }
  int64_t features() const override { return encoder_.features(); }
  Encoding Encode(const Tensor& parameters, const Tensor& inputs) const override {
    seen.push_back(parameters);
    return encoder_.Encode(parameters, inputs);
  }
  Gradients Backward(const Tensor& feature_gradient, bool wants_inputs,
                     Record& record) const override {
    return encoder_.Backward(feature_gradient, wants_inputs, record);
  }
  Tensor EncodeWithStatisticsOf(const Record& record, const Tensor& parameters,
                                const Tensor& inputs) const override {
    seen.push_back(parameters);
    return encoder_.EncodeWithStatisticsOf(record, parameters, inputs);
  }
  bool has_batch_statistics() const override { return encoder_.has_batch_statistics(); }

  mutable std::vector<Tensor> seen;

 private:
  const Encoder& encoder_;
};

TEST_P(AnilTest, NeverMovesTheBodyInTheInnerLoop) {
  const auto body = std::make_shared<WatchedEncoder>(*case_.body);
  const auto anil = MakeAnil({.inner_steps = 4, .inner_rate = kRate}, body, /*ways=*/5);
  const Tensor gradient = anil->MetaGradient(parameters_, shard_).gradient;
  EXPECT_EQ(body->seen.size(), 2);  // Support set and queries, however many steps.
  anil->Evaluate(parameters_, shard_, {.inner_steps = {0, 1, 4}});
  const Tensor given = parameters_.narrow(0, 0, body_).expand({kTasks, body_});
  for (const Tensor& parameters : body->seen) EXPECT_TRUE(torch::equal(parameters, given));
  EXPECT_GT(gradient.narrow(0, 0, body_).norm().item<double>(), 0);  // The outer loop does.
}

// What the whole network says of the queries when its last layer alone has been adapted.
TEST_P(AnilTest, ScoresTheAdaptedHeadInEveryMode) {
  Tensor adapted = parameters_.expand({kTasks, parameters_.size(0)});
  for (int step = 0; step < 3; ++step) {
    adapted = adapted -
              RateOfHead() *
                  case_.whole->Differentiate(adapted, shard_.support_inputs, shard_.support_targets)
                      .gradient;
  }
  const auto score = [&](const Tensor& outputs) {
    return case_.whole->Score(outputs, shard_.query_targets);
  };
  const TaskScores scores = Anil(1)->Evaluate(parameters_, shard_, {.inner_steps = {0, 3}});
  ASSERT_EQ(scores.size(), case_.whole->has_batch_statistics() ? 4 : 2);
  const Tensor inductive =
      score(case_.whole->PredictInductively(adapted, shard_.support_inputs, shard_.query_inputs));
  const Tensor transductive = score(case_.whole->Predict(adapted, shard_.query_inputs));
  for (int64_t task = 0; task < kTasks; ++task) {
    const auto t = static_cast<size_t>(task);
    EXPECT_FLOAT_EQ(scores.back().scores[t], inductive[task].item<float>());
    EXPECT_FLOAT_EQ(scores[1].scores[t], transductive[task].item<float>());
  }
}

INSTANTIATE_TEST_SUITE_P(Models, AnilTest, testing::Values("Conv4", "Mlp"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace outerloop::meta
