#include "client/terminal/table.h"

#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

TEST(TableTest, AlignsColumnsByTheirWidestCell) {
  Table table({{"NAME"}, {"STEPS", Table::Align::kRight}, {"RESULT"}});
  table.AddRow({"a", "5", "98.7 ± 0.4 %"});
  table.AddRow({"longer", "12345678", "x"});
  EXPECT_EQ(table.Render(),
            "NAME       STEPS  RESULT\n"
            "a              5  98.7 ± 0.4 %\n"
            "longer  12345678  x\n");
}

TEST(TableTest, ShowsTheTitlesOfAnEmptyTable) {
  EXPECT_EQ(Table({{"JOB"}, {"STATE"}}).Render(), "JOB  STATE\n");
}

TEST(TableTest, LeavesNoSpacesAtLineEnds) {
  Table table({{"A"}, {"B"}});
  table.AddRow({"x", ""});
  table.AddRow({"y"});
  EXPECT_EQ(table.Render(), "A  B\nx\ny\n");
}

}  // namespace
}  // namespace outerloop::client
