#include "meta/joined_parameters.h"

#include "gtest/gtest.h"

namespace outerloop::meta {
namespace {

ParameterPart Decoder() {
  return {"decoder",
          ParameterLayout({{"weight", {2, 3}}, {"bias", {2}}}),
          {{"weight", {-1, 1}}, {"bias", {0, 0}}}};
}
ParameterPart Encoder() {
  return {"encoder", ParameterLayout({{"weight", {4}}}), {{"weight", {2, 3}}}};
}
ParameterPart Nothing() { return {"nothing", ParameterLayout({}), {}}; }

TEST(JoinedParameters, PutsThePartsEndToEnd) {
  const JoinedParameters joined({Decoder(), Encoder(), Nothing()});
  EXPECT_EQ(joined.layout().size(), 12);
  EXPECT_EQ(joined.layout().at("decoder.bias").offset, 0);
  EXPECT_EQ(joined.layout().at("decoder.weight").offset, 2);
  EXPECT_EQ(joined.layout().at("encoder.weight").offset, 8);
}

TEST(JoinedParameters, SplitsIntoViewsAndJoinsThemAgain) {
  const JoinedParameters joined({Decoder(), Encoder(), Nothing()});
  const torch::Tensor flat = torch::rand({5, 12});
  const std::vector<torch::Tensor> parts = joined.Split(flat);
  ASSERT_EQ(parts.size(), 3);
  EXPECT_TRUE(torch::equal(parts[1], flat.narrow(1, 8, 4)));
  EXPECT_TRUE(parts[1].is_alias_of(flat));
  EXPECT_EQ(parts[2].size(1), 0);
  EXPECT_TRUE(torch::equal(joined.Join(parts), flat));
}

TEST(JoinedParameters, StartsEachParameterInItsOwnRange) {
  const JoinedParameters joined({Decoder(), Encoder()});
  const std::vector<torch::Tensor> parts = joined.Split(joined.InitialParameters(/*seed=*/1));
  EXPECT_TRUE(parts[0].narrow(0, 0, 2).eq(0).all().item<bool>());
  EXPECT_TRUE(parts[0].narrow(0, 2, 6).abs().lt(1).all().item<bool>());
  EXPECT_TRUE(parts[1].ge(2).logical_and(parts[1].lt(3)).all().item<bool>());
}

TEST(JoinedParameters, RefusesPartsThatWouldNotLieInTheirOrder) {
  EXPECT_THROW(JoinedParameters({Encoder(), Decoder()}), c10::Error);
  EXPECT_THROW(JoinedParameters({Encoder(), Encoder()}), c10::Error);
}

}  // namespace
}  // namespace outerloop::meta
