#include "client/terminal/format.h"

#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

TEST(FormatTest, WritesDurationsAsAClock) {
  EXPECT_EQ(FormatClock(absl::ZeroDuration()), "0:00");
  EXPECT_EQ(FormatClock(absl::Milliseconds(6600)), "0:07");
  EXPECT_EQ(FormatClock(absl::Seconds(59.6)), "1:00");
  EXPECT_EQ(FormatClock(absl::Seconds(3723)), "1:02:03");
}

TEST(FormatTest, WritesBytesInBinaryUnits) {
  EXPECT_EQ(FormatBytes(812), "812 B");
  EXPECT_EQ(FormatBytes(3482), "3.4 KiB");
  EXPECT_EQ(FormatBytes(12 << 20), "12.0 MiB");
}

TEST(FormatTest, WritesFourDigitsThatMatter) {
  EXPECT_EQ(FormatNumber(0.0123412), "0.01234");
  EXPECT_EQ(FormatNumber(12.3456), "12.35");
  EXPECT_EQ(FormatNumber(12345), "12345");
  EXPECT_EQ(FormatNumber(1.5e9), "1.5e+09");
}

TEST(FormatTest, CountsAndCutsCharactersNotBytes) {
  EXPECT_EQ(DisplayWidth("98.7 ± 0.4"), 10u);
  EXPECT_EQ(CutToWidth("a±b", 2), "a±");
  EXPECT_EQ(CutToWidth("a±b", 9), "a±b");
}

TEST(FormatTest, WritesADashForNoTime) {
  EXPECT_EQ(FormatTimestamp(google::protobuf::Timestamp()), "-");
}

}  // namespace
}  // namespace outerloop::client
