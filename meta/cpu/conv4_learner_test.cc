#include "meta/cpu/conv4_learner.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "meta/algorithms/maml.h"
#include "meta/cpu/conv4_testing.h"
#include "meta/tensor_testing.h"

namespace outerloop::meta::cpu {
namespace {

using torch::Tensor;

class Conv4LearnerTest : public Conv4Test {
 protected:
  void MakeNetworks() override {
    aten_ = MakeConv4(options());
    cpu_ = MakeConv4Learner(options(), instruction_set());
    MoveApart(aten_->InitialParameters(/*seed=*/3));
  }

  std::unique_ptr<const Learner> aten_, cpu_;
};

TEST_P(Conv4LearnerTest, HasTheDerivativesOfTheLayeredLearner) {
  const Tensor images = Images(), labels = Labels();
  const Learner::Derivative expected = aten_->Differentiate(parameters_, images, labels);
  const Learner::Derivative actual = cpu_->Differentiate(parameters_, images, labels);
  EXPECT_LT(RelativeError(actual.outputs, expected.outputs), 1e-11);
  EXPECT_LT(RelativeError(actual.loss, expected.loss), 1e-11);
  EXPECT_LT(RelativeError(actual.gradient, expected.gradient), 1e-9);
  const Tensor direction = torch::randn_like(parameters_);
  EXPECT_LT(RelativeError(cpu_->HessianVectorProduct(*actual.record, direction),
                          aten_->HessianVectorProduct(*expected.record, direction)),
            1e-9);
}

TEST_P(Conv4LearnerTest, HasTheMetaGradientOfTheLayeredLearner) {
  const TaskShard shard = {Images(), Labels(), Images(), Labels()};
  const MamlOptions maml = {.inner_steps = 2, .inner_rate = 0.01};
  const Tensor parameters = parameters_[0];
  const ShardGradient expected = MakeMaml(maml, std::move(aten_))->MetaGradient(parameters, shard);
  const ShardGradient actual = MakeMaml(maml, std::move(cpu_))->MetaGradient(parameters, shard);
  EXPECT_LT(RelativeError(actual.gradient, expected.gradient), 1e-9);
  EXPECT_NEAR(actual.loss, expected.loss, 1e-11 * expected.loss);
  EXPECT_EQ(actual.accuracy, expected.accuracy);
}

TEST_P(Conv4LearnerTest, PredictsAsTheLayeredLearner) {
  const Tensor support = Images(), queries = Images();
  EXPECT_LT(
      RelativeError(cpu_->Predict(parameters_, queries), aten_->Predict(parameters_, queries)),
      1e-11);
  EXPECT_LT(RelativeError(cpu_->PredictInductively(parameters_, support, queries),
                          aten_->PredictInductively(parameters_, support, queries)),
            1e-11);
}

// One ReLU that turns under rounding moves a whole gradient, of any implementation. So only tasks
// are compared whose gradient holds still when their inputs are moved about as far as rounding
// does.
TEST_P(Conv4LearnerTest, AgreesInSinglePrecisionOnStableTasks) {
  const auto gradient = [&](const Learner& learner, const Tensor& images, const Tensor& labels) {
    return learner.Differentiate(parameters_.to(images.dtype()), images, labels).gradient;
  };
  if (!c().has_stable_tasks) GTEST_SKIP() << "no task of this network holds still";
  int stable = 0;
  for (int draw = 0; draw < 4 && stable == 0; ++draw) {
    const Tensor images = Images(), labels = Labels();
    const Tensor exact = gradient(*aten_, images, labels);
    std::vector<Tensor> moved;
    for (const double by : {1e-7, 1e-6, 1e-6, 1e-6}) {
      moved.push_back(gradient(*aten_, images * (1 + by * torch::randn_like(images)), labels));
    }
    const Tensor single = gradient(*cpu_, images.to(torch::kFloat), labels).to(torch::kDouble);
    for (int64_t task = 0; task < tasks(); ++task) {
      const auto holds = [&](const Tensor& m) {
        return RelativeError(m[task], exact[task]) < 1e-4;
      };
      if (!std::all_of(moved.begin(), moved.end(), holds)) continue;
      ++stable;
      EXPECT_LT(RelativeError(single[task], exact[task]), 1e-4) << draw << ", " << task;
    }
  }
  EXPECT_GT(stable, 0);
}

TEST_P(Conv4LearnerTest, GivesATaskTheSameBitsAloneAndBesideOthers) {
  constexpr int64_t kTasks = 16;
  const auto repeat = [](const Tensor& tasks) { return RepeatTasks(tasks, kTasks); };
  const Tensor parameters = parameters_.to(torch::kFloat), images = Images().to(torch::kFloat);
  const Tensor labels = Labels(), direction = torch::randn_like(parameters);
  const auto together = cpu_->Differentiate(repeat(parameters), repeat(images), repeat(labels));
  const Tensor products = cpu_->HessianVectorProduct(*together.record, repeat(direction));
  for (int64_t task = 0; task < tasks(); ++task) {
    const auto one = [task](const Tensor& all) { return all.narrow(0, task, 1); };
    const auto alone = cpu_->Differentiate(one(parameters), one(images), one(labels));
    const Tensor product = cpu_->HessianVectorProduct(*alone.record, one(direction));
    for (int64_t copy = task; copy < kTasks; copy += tasks()) {
      EXPECT_TRUE(torch::equal(alone.outputs[0], together.outputs[copy]));
      EXPECT_TRUE(torch::equal(alone.loss[0], together.loss[copy]));
      EXPECT_TRUE(torch::equal(alone.gradient[0], together.gradient[copy]));
      EXPECT_TRUE(torch::equal(product[0], products[copy]));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, Conv4LearnerTest, AllConv4Cases(), NameOfConv4Case);

class BestConv4LearnerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!BestInstructionSet()) GTEST_SKIP() << "no kernels for this CPU";
    at::set_num_threads(1);
    torch::manual_seed(9);
    learner_ = MakeConv4Learner({}, *BestInstructionSet());
    parameters_ = learner_->InitialParameters(/*seed=*/1);
  }

  static Tensor Images(int64_t tasks, int64_t images) {
    return torch::rand({tasks, images, 1, 28, 28});
  }
  static Tensor Labels(int64_t tasks, int64_t images) {
    return torch::randint(5, {tasks, images}, torch::kLong);
  }

  std::shared_ptr<const Learner> learner_;
  Tensor parameters_;
};

TEST_F(BestConv4LearnerTest, GivesTheSameBitsForOneRowOfParametersAndForEqualRows) {
  const Tensor images = Images(3, 5), labels = Labels(3, 5);
  const Tensor one_row = parameters_.expand({3, parameters_.size(0)});
  EXPECT_TRUE(torch::equal(learner_->Differentiate(one_row, images, labels).gradient,
                           learner_->Differentiate(one_row.contiguous(), images, labels).gradient));
}

TEST_F(BestConv4LearnerTest, GivesTheSameBitsInEveryThread) {
  const auto maml = MakeMaml({.inner_steps = 2}, learner_);
  const TaskShard shard = {Images(2, 5), Labels(2, 5), Images(2, 7), Labels(2, 7)};
  const Tensor expected = maml->MetaGradient(parameters_, shard).gradient;
  std::vector<Tensor> actual(3);
  std::vector<std::thread> threads;
  for (Tensor& gradient : actual) {
    threads.emplace_back([&] { gradient = maml->MetaGradient(parameters_, shard).gradient; });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Tensor& gradient : actual) EXPECT_TRUE(torch::equal(gradient, expected));
}

TEST_F(BestConv4LearnerTest, TakesARecordAsOftenAsAsked) {
  const Tensor row = parameters_.unsqueeze(0);
  const auto derivative = learner_->Differentiate(row, Images(1, 5), Labels(1, 5));
  const Tensor direction = torch::randn_like(row);
  const Tensor first = learner_->HessianVectorProduct(*derivative.record, direction);
  EXPECT_TRUE(torch::equal(learner_->HessianVectorProduct(*derivative.record, direction), first));
}

TEST_F(BestConv4LearnerTest, PredictsTheOutputsItDifferentiatesAndEachInputAloneInductively) {
  const Tensor row = parameters_.unsqueeze(0), support = Images(1, 5), queries = Images(1, 9);
  EXPECT_TRUE(torch::equal(learner_->Predict(row, support),
                           learner_->Differentiate(row, support, Labels(1, 5)).outputs));
  const Tensor together = learner_->PredictInductively(row, support, queries);
  const Tensor alone = learner_->PredictInductively(row, support, queries.narrow(1, 4, 1));
  EXPECT_TRUE(torch::equal(alone, together.narrow(1, 4, 1)));
}

TEST_F(BestConv4LearnerTest, RefusesWhatDoesNotFit) {
  const Tensor row = parameters_.unsqueeze(0), images = Images(1, 5), labels = Labels(1, 5);
  EXPECT_THROW(learner_->Differentiate(row, images, labels + 5), c10::Error);
  EXPECT_THROW(learner_->Differentiate(row, images, labels.narrow(1, 0, 4)), c10::Error);
  EXPECT_THROW(learner_->Differentiate(row, images.narrow(3, 0, 27), labels), c10::Error);
  EXPECT_THROW(learner_->Differentiate(row.narrow(1, 0, 99), images, labels), c10::Error);
  EXPECT_THROW(learner_->Differentiate(row, images.to(torch::kDouble), labels), c10::Error);
  EXPECT_THROW(learner_->Predict(row.to(torch::kHalf), images.to(torch::kHalf)), c10::Error);
}

}  // namespace
}  // namespace outerloop::meta::cpu
