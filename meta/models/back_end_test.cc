#include "meta/models/back_end.h"

#include <vector>

#include "gtest/gtest.h"
#include "meta/cpu/conv4_encoder.h"
#include "meta/cpu/conv4_learner.h"
#include "meta/models/model.h"

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

}  // namespace
}  // namespace outerloop::meta
