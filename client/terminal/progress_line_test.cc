#include "client/terminal/progress_line.h"

#include "client/terminal/format.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

const ProgressLine kHalf{.label = "RUNNING",
                         .done = 1000,
                         .total = 2000,
                         .count = "1000/2000",
                         .fields = {"41.3 steps/s", "loss 0.5", "0:24 left"}};

TEST(ProgressLineTest, GivesTheBarTheRoomThereIs) {
  EXPECT_EQ(RenderBar(kHalf, 200),
            "RUNNING [===============>              ]  50%  1000/2000  41.3 steps/s  loss 0.5  "
            "0:24 left");
  EXPECT_EQ(RenderBar(kHalf, 80),
            "RUNNING [=======>       ]  50%  1000/2000  41.3 steps/s  loss 0.5  0:24 left");
}

TEST(ProgressLineTest, LeavesOutTheLeastImportantFieldsFirst) {
  EXPECT_EQ(RenderBar(kHalf, 60), "RUNNING [=====>    ]  50%  1000/2000  41.3 steps/s  loss 0.5");
}

TEST(ProgressLineTest, NeverExceedsTheColumns) {
  for (int columns = 0; columns < 120; ++columns) {
    EXPECT_LE(DisplayWidth(RenderBar(kHalf, columns)), static_cast<size_t>(columns));
  }
}

TEST(ProgressLineTest, FillsTheBarOnlyWhenDone) {
  ProgressLine line{.label = "x", .done = 999, .total = 1000, .count = {}, .fields = {}};
  EXPECT_EQ(RenderBar(line, 22), "x [=========>]  99%");
  line.done = 1000;
  EXPECT_EQ(RenderBar(line, 22), "x [==========] 100%");
  line.done = 1500;
  EXPECT_EQ(RenderBar(line, 22), "x [==========] 100%");
}

TEST(ProgressLineTest, HasNoBarWithoutATotal) {
  const ProgressLine line{
      .label = "QUEUED", .done = 0, .total = 0, .count = {}, .fields = {"waits for 1 worker"}};
  EXPECT_EQ(RenderBar(line, 80), "QUEUED  waits for 1 worker");
  EXPECT_EQ(RenderPlain(line), "QUEUED  waits for 1 worker");
}

TEST(ProgressLineTest, KeepsEveryFieldInALog) {
  EXPECT_EQ(RenderPlain(kHalf), "RUNNING  50%  1000/2000  41.3 steps/s  loss 0.5  0:24 left");
}

}  // namespace
}  // namespace outerloop::client
