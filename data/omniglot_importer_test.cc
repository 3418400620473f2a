#include "data/omniglot_importer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/sha256.h"
#include "common/test_folder.h"
#include "data/png_decoder.h"
#include "data/test_archive.h"

namespace outerloop::data {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint32_t kSide = 16;  // Of the drawings made here; imports shrink them to 8.

std::string GreyPng(uint32_t height, uint32_t width, std::vector<uint8_t> pixels) {
  return *EncodePngFile(
      {.height = height, .width = width, .channels = 1, .pixels = std::move(pixels)});
}

// White paper with a black top left quarter and, so that drawings differ, one grey pixel.
std::string Drawing(uint8_t grey) {
  std::vector<uint8_t> pixels(kSide * kSide, 255);
  for (uint32_t y = 0; y < kSide / 2; ++y) {
    for (uint32_t x = 0; x < kSide / 2; ++x) pixels[y * kSide + x] = 0;
  }
  pixels.back() = grey;
  return GreyPng(kSide, kSide, pixels);
}

std::string Path(const std::string& root, const std::string& character, int id, int drawing) {
  return absl::StrFormat("%s/%s/%04d_%02d.png", root, character, id, drawing);
}

// Two characters of `root` with two drawings each, out of order. `first_id` is that of Greek.
std::vector<TestEntry> Entries(const std::string& root, int first_id) {
  const std::string latin = root + "_Latin/character01", greek = root + "_Greek/character02";
  return {{root + "/", ""},
          {Path(root, latin, first_id + 1, 1), Drawing(101)},
          {Path(root, latin, first_id + 1, 2), Drawing(102)},
          {Path(root, greek, first_id, 2), Drawing(104)},
          {Path(root, greek, first_id, 1), Drawing(103)}};
}

absl::StatusOr<DatasetBuilder> Import(const std::string& folder) {
  return ImportOmniglot(folder, {.size = 8, .progress = nullptr});
}

std::string Write(const DatasetBuilder& builder) {
  std::string file;
  const absl::Status status = builder.Write("test", [&file](std::string_view piece) {
    file.append(piece);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return file;
}

DatasetView Parse(const std::string& file) {
  auto view = ParseDataset({reinterpret_cast<const uint8_t*>(file.data()), file.size()});
  EXPECT_TRUE(view.ok()) << view.status();
  return *std::move(view);
}

class ImportOmniglotTest : public ::testing::Test {
 protected:
  // The error of importing `entries` as the background archive.
  std::string ErrorOf(const std::vector<TestEntry>& entries) {
    WriteZip(background_, entries);
    return Error();
  }
  std::string Error() {
    const auto builder = Import(folder_.path());
    EXPECT_TRUE(absl::IsInvalidArgument(builder.status())) << builder.status();
    EXPECT_THAT(builder.status().message(), HasSubstr(background_));
    return std::string(builder.status().message());
  }

  const TestFolder folder_;
  const std::string background_ = folder_ / "images_background.zip";
  const std::string evaluation_ = folder_ / "images_evaluation.zip";
};

TEST_F(ImportOmniglotTest, OrdersClassesByOfficialIdOverBothArchives) {
  WriteZip(background_, Entries("images_background", 11));
  WriteZip(evaluation_, Entries("images_evaluation", 7));
  const auto builder = Import(folder_.path());
  ASSERT_TRUE(builder.ok()) << builder.status();
  EXPECT_THAT(
      builder->index().classes,
      ElementsAre(DatasetClass{"images_evaluation_Greek/character02", "images_evaluation", 0, 2},
                  DatasetClass{"images_evaluation_Latin/character01", "images_evaluation", 2, 2},
                  DatasetClass{"images_background_Greek/character02", "images_background", 4, 2},
                  DatasetClass{"images_background_Latin/character01", "images_background", 6, 2}));
}

TEST_F(ImportOmniglotTest, MakesInkBrightAndKeepsDrawingsUprightAndInOrder) {
  WriteZip(background_, Entries("images_background", 1));
  const auto builder = Import(folder_.path());
  ASSERT_TRUE(builder.ok()) << builder.status();
  const std::string file = Write(*builder);
  const DatasetView view = Parse(file);
  ASSERT_EQ(view.index.examples(), 4u);
  const uint8_t greys[] = {103, 104, 101, 102};
  for (uint32_t row = 0; row < 4; ++row) {
    for (uint32_t i = 0; i < 63; ++i) {
      const bool ink = i / 8 < 4 && i % 8 < 4;
      EXPECT_EQ(view.image(row)[i], ink ? 255 : 0) << i;
    }
    EXPECT_EQ(view.image(row)[63], (255 - greys[row] + 2) / 4);
  }
}

TEST_F(ImportOmniglotTest, TakesOneArchiveByItsOwnPath) {
  WriteZip(evaluation_, Entries("images_evaluation", 1));
  const auto builder = Import(evaluation_);
  ASSERT_TRUE(builder.ok()) << builder.status();
  EXPECT_EQ(builder->index().classes.size(), 2u);
}

TEST_F(ImportOmniglotTest, PassesOverWhatMacOsAdds) {
  std::vector<TestEntry> entries = Entries("images_background", 1);
  entries.push_back({"__MACOSX/images_background/._x", "x"});
  entries.push_back({"images_background/.DS_Store", "x"});
  WriteZip(background_, entries);
  EXPECT_TRUE(Import(folder_.path()).ok());
}

TEST_F(ImportOmniglotTest, ReportsProgressUpToTheEnd) {
  WriteZip(background_, Entries("images_background", 1));
  std::vector<std::pair<uint64_t, uint64_t>> reports;
  const auto report = [&reports](uint64_t done, uint64_t total) {
    reports.push_back({done, total});
  };
  ASSERT_TRUE(ImportOmniglot(folder_.path(), {.size = 8, .progress = report}).ok());
  EXPECT_EQ(reports.back(), (std::pair<uint64_t, uint64_t>(4, 4)));
}

TEST_F(ImportOmniglotTest, SaysThatThereIsNoArchive) {
  const auto builder = Import(folder_.path());
  EXPECT_TRUE(absl::IsNotFound(builder.status())) << builder.status();
  EXPECT_THAT(builder.status().message(),
              AllOf(HasSubstr(folder_.path()), HasSubstr("images_background.zip")));
  EXPECT_TRUE(absl::IsNotFound(Import(folder_ / "nowhere").status()));
}

TEST_F(ImportOmniglotTest, RefusesAnArchiveCutInHalf) {
  WriteZip(background_, Entries("images_background", 1));
  const std::string whole = ReadBytes(background_);
  WriteBytes(background_, whole.substr(0, whole.size() / 2));
  EXPECT_THAT(Error(), HasSubstr("corrupt or truncated"));
}

TEST_F(ImportOmniglotTest, RefusesAnArchiveWithoutDrawings) {
  EXPECT_THAT(ErrorOf({{"images_background/", ""}}), HasSubstr("holds no drawings"));
}

TEST_F(ImportOmniglotTest, NamesAnEntryThatIsNoImage) {
  std::vector<TestEntry> entries = Entries("images_background", 1);
  entries[2].second = "this is text";
  EXPECT_THAT(ErrorOf(entries), AllOf(HasSubstr(entries[2].first), HasSubstr("broken PNG image")));
}

TEST_F(ImportOmniglotTest, NamesAnImageThatIsCutOff) {
  std::vector<TestEntry> entries = Entries("images_background", 1);
  entries[2].second.resize(entries[2].second.size() / 2);
  EXPECT_THAT(ErrorOf(entries), AllOf(HasSubstr(entries[2].first), HasSubstr("broken PNG image")));
}

TEST_F(ImportOmniglotTest, NamesTheFirstOfSeveralBadEntries) {
  std::vector<TestEntry> entries = Entries("images_background", 1);
  for (int id = 3; id < 100; ++id) {
    entries.push_back({Path("images_background", absl::StrFormat("A/character%02d", id), id, 1),
                       id > 20 ? "text" : Drawing(0)});
  }
  for (int attempt = 0; attempt < 10; ++attempt) {
    EXPECT_THAT(ErrorOf(entries), HasSubstr("A/character21/0021_01.png"));
  }
}

TEST_F(ImportOmniglotTest, NamesAnImageOfAnotherSize) {
  std::vector<TestEntry> entries = Entries("images_background", 1);
  entries[1].second = GreyPng(kSide, kSide + 1, std::vector<uint8_t>(kSide * (kSide + 1)));
  EXPECT_THAT(ErrorOf(entries),
              AllOf(HasSubstr(entries[1].first),
                    HasSubstr("an image of 17x16 pixels; the first drawing has 16x16")));
}

TEST_F(ImportOmniglotTest, RefusesDrawingsSmallerThanTheSizeAskedFor) {
  WriteZip(background_, Entries("images_background", 1));
  const auto builder = ImportOmniglot(folder_.path(), {.size = 28, .progress = nullptr});
  EXPECT_THAT(builder.status().message(), HasSubstr("16x16 pixels; at least 28x28 are needed"));
  const auto tiny = ImportOmniglot(folder_.path(), {.size = 7, .progress = nullptr});
  EXPECT_THAT(tiny.status().message(), HasSubstr("size: 7 pixels are not possible; 8 to 105"));
}

TEST_F(ImportOmniglotTest, NamesAnEntryOutsideTheLayout) {
  for (const char* bad : {"images_background/Latin/0001_03.png", "readme.txt",
                          "images_evaluation/Latin/character01/0001_03.png"}) {
    std::vector<TestEntry> entries = Entries("images_background", 1);
    entries.push_back({bad, Drawing(0)});
    EXPECT_THAT(ErrorOf(entries), AllOf(HasSubstr(bad), HasSubstr("outside the layout")));
  }
}

TEST_F(ImportOmniglotTest, NamesAnEntryThatLeadsOutOfTheArchive) {
  std::vector<TestEntry> entries = Entries("images_background", 1);
  entries.push_back({"images_background/../character01/0001_03.png", Drawing(0)});
  EXPECT_THAT(ErrorOf(entries), HasSubstr("../character01/0001_03.png: the path"));
}

TEST_F(ImportOmniglotTest, RefusesAnEntryOfMoreThanAMebibyte) {
  std::vector<TestEntry> entries = Entries("images_background", 1);
  entries[3].second.assign((1 << 20) + 1, 'x');
  EXPECT_THAT(ErrorOf(entries), AllOf(HasSubstr(entries[3].first), HasSubstr("1048576 bytes")));
}

TEST_F(ImportOmniglotTest, RefusesIdsThatAreNotOfOneCharacter) {
  std::vector<TestEntry> entries = Entries("images_background", 1);
  entries.push_back({Path("images_background", "Other/character01", 1, 3), Drawing(0)});
  EXPECT_THAT(ErrorOf(entries), HasSubstr("id 1 is that of images_background/"));
  entries = Entries("images_background", 1);
  entries.push_back(
      {Path("images_background", "images_background_Greek/character02", 9, 1), Drawing(0)});
  EXPECT_THAT(ErrorOf(entries), HasSubstr("has a second id, 9"));
  entries = Entries("images_background", 1);
  entries.push_back(entries[1]);
  EXPECT_THAT(ErrorOf(entries), HasSubstr("this drawing stands twice"));
}

TEST(OfficialArchives, Hold1623CharactersOf20Drawings) {
  const char* folder = std::getenv("OMNIGLOT");
  if (folder == nullptr || !std::filesystem::exists(folder)) {
    GTEST_SKIP() << "set OMNIGLOT to the folder of the official archives";
  }
  const auto builder = ImportOmniglot(folder, OmniglotOptions());
  ASSERT_TRUE(builder.ok()) << builder.status();
  const DatasetIndex& index = builder->index();
  EXPECT_EQ(index.classes.size(), 1623u);
  EXPECT_EQ(index.examples(), 32460u);
  std::map<std::string, int> origins;
  for (const DatasetClass& c : index.classes) {
    EXPECT_EQ(c.examples, 20u) << c.name;
    ++origins[c.origin];
  }
  EXPECT_EQ(origins["images_background"], 964);
  EXPECT_EQ(origins["images_evaluation"], 659);

  const std::string file = Write(*builder);
  const DatasetView view = Parse(file);
  EXPECT_EQ(Sha256Hex({reinterpret_cast<const char*>(view.images.data()), view.images.size()}),
            "32b17fc95e1d2df254bab2e046f2d1f27d5d86c76ef550090a2add48aa21150d");
}

}  // namespace
}  // namespace outerloop::data
