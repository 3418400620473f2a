#include "meta/models/back_end.h"

#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "meta/cpu/conv4_encoder.h"
#include "meta/cpu/conv4_learner.h"
#include "meta/cuda/block_testing.h"
#include "meta/models/model.h"
#include "meta/tensor_testing.h"

namespace outerloop::meta {
namespace {

using cpu::InstructionSet;

// What `learner` computes of fixed data: equal bits show that two learners are the same.
torch::Tensor Gradient(const Learner& learner) {
  torch::manual_seed(2);
  const torch::Tensor images = torch::rand({1, 6, 1, 12, 12});
  const torch::Tensor labels = torch::arange(6).remainder(5).unsqueeze(0);
  const torch::Tensor parameters = learner.InitialParameters(/*seed=*/1).unsqueeze(0);
  return learner.Differentiate(parameters, images, labels).gradient;
}

torch::Tensor Features(const Encoder& encoder) {
  torch::manual_seed(2);
  const torch::Tensor images = torch::rand({1, 6, 1, 12, 12});
  return encoder.Encode(torch::rand({1, encoder.layout().size()}), images).features;
}

Conv4Options Network(int64_t filters) { return {.height = 12, .width = 12, .filters = filters}; }

// By kernels that need no GPU.
BackEnd ForGpus() { return BackEnd(std::make_shared<cuda::HostBlockKernels>()); }

std::vector<InstructionSet> AvailableSets() {
  std::vector<InstructionSet> sets;
  for (const auto set : {InstructionSet::kAvx2, InstructionSet::kAvx512}) {
    if (cpu::IsAvailable(set)) sets.push_back(set);
  }
  return sets;
}

TEST(BackEndTest, HasANameForEachWayOfRounding) {
  EXPECT_EQ(BackEnd().name(), "aten");
  EXPECT_EQ(BackEnd(InstructionSet::kAvx2).name(), "cpu-avx2");
  EXPECT_EQ(BackEnd(InstructionSet::kAvx512).name(), "cpu-avx512");
  EXPECT_EQ(ForGpus().name(), "cuda");
}

TEST(BackEndTest, RecordsOnGpusAlone) {
  EXPECT_FALSE(BackEnd().records());
  EXPECT_FALSE(BackEnd(InstructionSet::kAvx2).records());
  EXPECT_TRUE(ForGpus().records());
}

TEST(BackEndTest, TakesLibTorchUnlessKernelsAreAskedFor) {
  EXPECT_TRUE(
      torch::equal(Gradient(*BackEnd().MakeConv4(Network(16))), Gradient(*MakeConv4(Network(16)))));
  EXPECT_TRUE(torch::equal(Features(*BackEnd().MakeConv4Encoder(Network(16))),
                           Features(*MakeConv4Encoder(Network(16)))));
}

TEST(BackEndTest, TakesTheKernelsOfItsInstructionSetWhereTheyCanCompute) {
  for (const InstructionSet set : AvailableSets()) {
    const auto learner = BackEnd(set).MakeConv4(Network(16));
    const torch::Tensor gradient = Gradient(*learner);
    EXPECT_TRUE(torch::equal(gradient, Gradient(*cpu::MakeConv4Learner(Network(16), set))));
    EXPECT_FALSE(torch::equal(gradient, Gradient(*MakeConv4(Network(16)))));
    const torch::Tensor features = Features(*BackEnd(set).MakeConv4Encoder(Network(16)));
    EXPECT_TRUE(torch::equal(features, Features(*cpu::MakeConv4Encoder(Network(16), set))));
    EXPECT_FALSE(torch::equal(features, Features(*MakeConv4Encoder(Network(16)))));
  }
}

TEST(BackEndTest, TakesLibTorchForWhatTheKernelsCannotCompute) {
  Conv4Options grouped = Network(16), plain = Network(16);
  grouped.normalization = {.kind = Normalization::Kind::kGroup, .groups = 4};
  plain.normalization = {.kind = Normalization::Kind::kNone};
  for (const InstructionSet set : AvailableSets()) {
    for (const Conv4Options& options : {Network(5), grouped, plain}) {
      EXPECT_TRUE(
          torch::equal(Gradient(*BackEnd(set).MakeConv4(options)), Gradient(*MakeConv4(options))));
      EXPECT_TRUE(torch::equal(Features(*BackEnd(set).MakeConv4Encoder(options)),
                               Features(*MakeConv4Encoder(options))));
    }
  }
}

TEST(BackEndTest, FusesBlocksOnGpusToTheSameDerivatives) {
  Conv4Options pooled = {.height = 17, .width = 16, .filters = 5, .pooling = Pooling::kMax};
  for (const Conv4Options& options : {Network(5), pooled}) {
    torch::manual_seed(3);
    const auto fused = ForGpus().MakeConv4(options), plain = MakeConv4(options);
    const torch::Tensor parameters = plain->InitialParameters(1).to(torch::kDouble).repeat({2, 1});
    const torch::Tensor images =
        torch::rand({2, 6, 1, options.height, options.width}, torch::kDouble);
    const torch::Tensor labels = torch::arange(6).remainder(5).repeat({2, 1});
    const auto expected = plain->Differentiate(parameters, images, labels);
    const auto actual = fused->Differentiate(parameters, images, labels);
    EXPECT_LT(RelativeError(actual.gradient, expected.gradient), 1e-9);
    EXPECT_FALSE(torch::equal(actual.gradient, expected.gradient));
    const torch::Tensor direction = torch::randn_like(parameters);
    EXPECT_LT(RelativeError(fused->HessianVectorProduct(*actual.record, direction),
                            plain->HessianVectorProduct(*expected.record, direction)),
              1e-9);
    EXPECT_LT(RelativeError(fused->PredictInductively(parameters, images, images),
                            plain->PredictInductively(parameters, images, images)),
              1e-9);
  }
}

TEST(BackEndTest, TakesLibTorchOnGpusForWhatIsNotNormalisedByBatches) {
  Conv4Options grouped = Network(16), plain = Network(16);
  grouped.normalization = {.kind = Normalization::Kind::kGroup, .groups = 4};
  plain.normalization = {.kind = Normalization::Kind::kNone};
  for (const Conv4Options& options : {grouped, plain}) {
    EXPECT_TRUE(
        torch::equal(Gradient(*ForGpus().MakeConv4(options)), Gradient(*MakeConv4(options))));
    EXPECT_TRUE(torch::equal(Features(*ForGpus().MakeConv4Encoder(options)),
                             Features(*MakeConv4Encoder(options))));
  }
}

}  // namespace
}  // namespace outerloop::meta
