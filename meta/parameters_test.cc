#include "meta/parameters.h"

#include "gtest/gtest.h"

namespace outerloop::meta {
namespace {

ParameterLayout SmallLayout() { return ParameterLayout({{"b", {2, 3}}, {"a", {4}}, {"c", {}}}); }

TEST(ParameterLayout, PlacesEntriesInNameOrderWithoutGaps) {
  const ParameterLayout layout = SmallLayout();
  ASSERT_EQ(layout.entries().size(), 3);
  EXPECT_EQ(layout.entries()[0].name, "a");
  EXPECT_EQ(layout.at("a").offset, 0);
  EXPECT_EQ(layout.at("b").offset, 4);
  EXPECT_EQ(layout.at("c").offset, 10);
  EXPECT_EQ(layout.at("c").size, 1);
  EXPECT_EQ(layout.size(), 11);
}

TEST(ParameterLayout, ThrowsOnAnUnknownName) {
  EXPECT_THROW(SmallLayout().at("aa"), c10::Error);
  EXPECT_THROW(SmallLayout().at("d"), c10::Error);
}

TEST(View, SharesTheFlatBuffer) {
  const ParameterLayout layout = SmallLayout();
  const torch::Tensor flat = torch::arange(11, torch::kDouble);
  const torch::Tensor b = View(flat, layout.at("b"));
  EXPECT_EQ(b.sizes(), (std::vector<int64_t>{2, 3}));
  b[1][2] = -1;
  EXPECT_EQ(flat[9].item<double>(), -1);
}

TEST(View, KeepsLeadingDimensionsAndExpandedRows) {
  const ParameterLayout layout = SmallLayout();
  const torch::Tensor rows = torch::arange(11, torch::kDouble).expand({5, 11});
  const torch::Tensor b = View(rows, layout.at("b"));
  EXPECT_EQ(b.sizes(), (std::vector<int64_t>{5, 2, 3}));
  EXPECT_EQ(b.stride(0), 0);
  EXPECT_EQ(b[4][1][2].item<double>(), 9);
}

}  // namespace
}  // namespace outerloop::meta
