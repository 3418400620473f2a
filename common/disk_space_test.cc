#include "common/disk_space.h"

#include <filesystem>

#include "common/test_folder.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

TEST(DiskSpace, IsWhatTheStandardLibrarySays) {
  const TestFolder folder;
  const auto measured = MeasureDisk(folder.path());
  ASSERT_TRUE(measured.has_value());
  EXPECT_EQ(measured->size_bytes, std::filesystem::space(folder.path()).capacity);
  EXPECT_GT(measured->free_bytes, 0u);
  EXPECT_LT(measured->free_bytes, measured->size_bytes);
}

TEST(DiskSpace, OfAFolderThatIsGoneIsNotKnown) {
  EXPECT_FALSE(MeasureDisk("/there/is/no/such/folder").has_value());
}

}  // namespace
}  // namespace outerloop
