#include "meta/models/sequential.h"

#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "meta/ops/cross_entropy.h"
#include "meta/ops/mean_squared_error.h"

namespace outerloop::meta {
namespace {

v1::Sequential Parse(const std::string& text) {
  v1::Sequential network;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &network)) << text;
  return network;
}

// That models compute what their layers say is tested with the other models (models_test.cc).

TEST(Sequential, FlattensItsFeatures) {
  const auto network = Parse("layers { convolution { filters: 4 kernel_size: 3 stride: 2 } }");
  const auto encoder = MakeEncoder(MakeSequential(network, {2, 7, 5}));
  EXPECT_EQ(encoder->features(), 4 * 3 * 2);
  const torch::Tensor parameters = torch::randn({1, encoder->layout().size()});
  const torch::Tensor features =
      encoder->Encode(parameters, torch::randn({1, 3, 2, 7, 5})).features;
  EXPECT_EQ(features.sizes(), (torch::IntArrayRef{1, 3, 24}));
}

TEST(Sequential, AddsALinearLayerToTheOutputs) {
  const auto network = Parse("layers { flatten {} } layers { linear { units: 6 } }");
  const auto learner = MakeLearner(MakeSequential(network, {1, 3, 3}), 5, MakeCrossEntropy());
  EXPECT_EQ(learner->layout().at("layers.1.weight").shape, (std::vector<int64_t>{6, 9}));
  EXPECT_EQ(learner->layout().at("linear.weight").shape, (std::vector<int64_t>{5, 6}));
  EXPECT_EQ(learner->layout().size(), 6 * 9 + 6 + 5 * 6 + 5);
}

TEST(Sequential, FlattensBeforeALinearLayer) {
  const auto with = Parse("layers { flatten {} } layers { linear { units: 6 } }");
  const auto without = Parse("layers { linear { units: 6 } }");
  const auto one = MakeEncoder(MakeSequential(with, {2, 3, 3}));
  const auto other = MakeEncoder(MakeSequential(without, {2, 3, 3}));
  const torch::Tensor parameters = torch::randn({1, one->layout().size()});
  const torch::Tensor images = torch::randn({1, 4, 2, 3, 3});
  EXPECT_TRUE(torch::equal(one->Encode(parameters, images).features,
                           other->Encode(parameters, images).features));
}

TEST(Sequential, PredictsValues) {
  const auto network = Parse("layers { linear { units: 8 } } layers { relu {} }");
  const auto learner = MakeLearner(MakeSequential(network, {1}), 1, MakeMeanSquaredError());
  const torch::Tensor parameters = learner->InitialParameters(/*seed=*/1).unsqueeze(0);
  EXPECT_EQ(learner->Predict(parameters, torch::randn({1, 3, 1})).sizes(),
            (torch::IntArrayRef{1, 3, 1}));
  EXPECT_FALSE(learner->has_batch_statistics());
}

TEST(Sequential, NormalizesAsItIsTold) {
  const auto encoder = [](const std::string& kind) {
    return MakeEncoder(MakeSequential(
        Parse("layers { normalization { " + kind + " } } layers { linear { units: 2 } }"),
        {2, 3, 3}));
  };
  EXPECT_TRUE(encoder("batch {}")->has_batch_statistics());
  EXPECT_FALSE(encoder("group { groups: 2 }")->has_batch_statistics());
  EXPECT_EQ(encoder("group { groups: 2 }")->layout().size(), 2 + 2 + 2 * 18 + 2);
  EXPECT_EQ(encoder("none {}")->layout().size(), 2 * 18 + 2);
}

TEST(Sequential, RefusesImagesThatDoNotFit) {
  const auto network = Parse("layers { max_pool {} } layers { linear { units: 8 } }");
  EXPECT_NO_THROW(MakeSequential(network, {1, 2, 2}));
  EXPECT_THROW(MakeSequential(network, {1, 2, 1}), c10::ValueError);
  EXPECT_THROW(MakeSequential(network, {4}), c10::ValueError);
}

}  // namespace
}  // namespace outerloop::meta
