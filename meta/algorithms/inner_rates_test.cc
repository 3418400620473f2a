#include "meta/algorithms/inner_rates.h"

#include "gtest/gtest.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

// A tensor of two parameters, then one of three.
ParameterLayout Model() { return ParameterLayout({{"a", {2}}, {"b", {3, 1}}}); }

Tensor Vector(std::vector<double> values) { return torch::tensor(values, torch::kDouble); }

TEST(InnerRates, LearnNothingIfFixed) {
  const auto rates = MakeInnerRates(InnerRateKind::kFixed, /*rate=*/0.3, /*steps=*/2, Model());
  EXPECT_TRUE(rates->layout().entries().empty());
  EXPECT_EQ(rates->Initial().numel(), 0);
  EXPECT_EQ(rates->At(/*step=*/1, rates->Initial()).item<double>(), 0.3);
}

TEST(InnerRates, AreAsManyAsParametersAndTheSameInEveryStep) {
  const auto rates = MakeInnerRates(InnerRateKind::kPerParameter, 0.3, /*steps=*/2, Model());
  EXPECT_EQ(rates->layout().at("b").shape, (std::vector<int64_t>{3, 1}));
  EXPECT_TRUE(torch::equal(rates->Initial(), torch::full({5}, 0.3)));
  const Tensor learned = Vector({1, 2, 3, 4, 5});
  EXPECT_TRUE(torch::equal(rates->At(0, learned), learned));
  EXPECT_TRUE(torch::equal(rates->At(7, learned), learned));
  Tensor sum = Vector({1, 1, 1, 1, 1});
  rates->AddGradient(1, learned, sum);
  EXPECT_TRUE(torch::equal(sum, Vector({2, 3, 4, 5, 6})));
}

TEST(InnerRates, AreOneForEachTensorAndStep) {
  const auto rates = MakeInnerRates(InnerRateKind::kPerTensorAndStep, 0.3, /*steps=*/2, Model());
  EXPECT_EQ(rates->layout().size(), 4);
  EXPECT_EQ(rates->layout().at("b").shape, (std::vector<int64_t>{2}));
  EXPECT_TRUE(torch::equal(rates->Initial(), torch::full({4}, 0.3)));
  const Tensor learned = Vector({1, 2, 3, 4});
  EXPECT_TRUE(torch::equal(rates->At(0, learned), Vector({1, 1, 3, 3, 3})));
  EXPECT_TRUE(torch::equal(rates->At(1, learned), Vector({2, 2, 4, 4, 4})));
  Tensor sum = Vector({0, 0, 0, 5});
  rates->AddGradient(1, Vector({1, 2, 3, 4, 5}), sum);
  EXPECT_TRUE(torch::equal(sum, Vector({0, 3, 0, 17})));
}

TEST(InnerRates, OfStepsBeyondTrainingAreTheLastOnes) {
  const auto rates = MakeInnerRates(InnerRateKind::kPerTensorAndStep, 0.3, /*steps=*/2, Model());
  const Tensor learned = Vector({1, 2, 3, 4});
  EXPECT_TRUE(torch::equal(rates->At(9, learned), rates->At(1, learned)));
}

}  // namespace
}  // namespace outerloop::meta
