#include "data/dataset_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/atomic_file.h"
#include "common/test_folder.h"

namespace outerloop::data {
namespace {

using ::testing::HasSubstr;

constexpr uint32_t kSide = 3;

// Classes with 2, 1 and 3 rows of 3x3 pixels.
DatasetIndex SmallIndex() {
  DatasetIndex index{
      .classes = {}, .channels = 1, .height = kSide, .width = kSide, .provenance = "test"};
  index.classes = {{.name = "a", .origin = "x", .first_row = 0, .examples = 2},
                   {.name = "b", .origin = "x", .first_row = 2, .examples = 1},
                   {.name = "c", .origin = "y", .first_row = 3, .examples = 3}};
  return index;
}

std::vector<uint8_t> Image(uint8_t row) { return std::vector<uint8_t>(kSide * kSide, 10 + row); }

// What DatasetBuilder writes of the rows that are not left out.
std::string Expected(const std::vector<bool>& left_out) {
  DatasetBuilder builder(1, kSide, kSide);
  const DatasetIndex index = SmallIndex();
  for (const DatasetClass& c : index.classes) {
    bool is_added = false;
    for (uint32_t row = c.first_row; row < c.first_row + c.examples; ++row) {
      if (left_out[row]) continue;
      if (!is_added) builder.AddClass(c.name, c.origin);
      is_added = true;
      builder.AddImage(Image(static_cast<uint8_t>(row)));
    }
  }
  std::string file;
  EXPECT_TRUE(builder
                  .Write("test",
                         [&file](std::string_view piece) {
                           file.append(piece);
                           return absl::OkStatus();
                         })
                  .ok());
  return file;
}

// The bytes of a file whose rows were written from the last to the first.
std::string Written(const std::string& path, const std::vector<bool>& left_out) {
  auto writer = DatasetWriter::Create(path, SmallIndex());
  EXPECT_TRUE(writer.ok()) << writer.status();
  for (int row = 5; row >= 0; --row) {
    if (left_out[row]) continue;
    EXPECT_TRUE((*writer)->WriteImage(row, Image(static_cast<uint8_t>(row))).ok());
  }
  const auto index = (*writer)->Finish(left_out);
  EXPECT_TRUE(index.ok()) << index.status();
  const std::string file = *ReadFile(path);
  const auto view = ParseDataset({reinterpret_cast<const uint8_t*>(file.data()), file.size()});
  EXPECT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->index.classes, index->classes);
  return file;
}

TEST(DatasetWriter, WritesRowsInAnyOrderToTheBuildersBytes) {
  const TestFolder folder;
  const std::vector<bool> none(6, false);
  EXPECT_EQ(Written(folder / "file", none), Expected(none));
}

TEST(DatasetWriter, LeavesOutAnyRowsAsIfTheyHadNeverBeenThere) {
  const TestFolder folder;
  for (int mask = 1; mask < 63; ++mask) {
    std::vector<bool> left_out(6);
    for (int row = 0; row < 6; ++row) left_out[row] = (mask >> row) % 2 != 0;
    EXPECT_EQ(Written(folder / "file", left_out), Expected(left_out)) << mask;
  }
}

TEST(DatasetWriter, RefusesToLeaveOutEverything) {
  const TestFolder folder;
  auto writer = DatasetWriter::Create(folder / "file", SmallIndex());
  ASSERT_TRUE(writer.ok()) << writer.status();
  const auto index = (*writer)->Finish(std::vector<bool>(6, true));
  EXPECT_TRUE(absl::IsInvalidArgument(index.status())) << index.status();
}

TEST(DatasetWriter, ReplacesWhatTheFileHeld) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder / "file", std::string(100'000, 'x')).ok());
  const std::vector<bool> none(6, false);
  EXPECT_EQ(Written(folder / "file", none), Expected(none));
}

TEST(DatasetWriter, SaysWhyItCannotWrite) {
  const TestFolder folder;
  EXPECT_TRUE(
      absl::IsNotFound(DatasetWriter::Create(folder / "nowhere/file", SmallIndex()).status()));
  const auto full = DatasetWriter::Create("/dev/full", SmallIndex());
  EXPECT_TRUE(absl::IsResourceExhausted(full.status())) << full.status();
  EXPECT_THAT(std::string(full.status().message()), HasSubstr("/dev/full"));
}

}  // namespace
}  // namespace outerloop::data
