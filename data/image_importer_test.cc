#include "data/image_importer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "common/sha256.h"
#include "common/test_folder.h"
#include "data/image_decoder.h"
#include "data/png_decoder.h"
#include "data/resize.h"
#include "data/test_archive.h"
#include "data/test_image.h"

namespace outerloop::data {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Png(uint32_t height, uint32_t width, uint32_t seed) {
  return *EncodePngFile(SmoothImage(height, width, 3, seed));
}

// [channels, height, width] of an image that was resized the long way round.
std::vector<uint8_t> Planes(const Raster& image) {
  std::vector<uint8_t> planes;
  for (uint32_t c = 0; c < image.channels; ++c) {
    for (size_t i = c; i < image.pixels.size(); i += image.channels) {
      planes.push_back(image.pixels[i]);
    }
  }
  return planes;
}

class ImportImagesTest : public ::testing::Test {
 protected:
  ImageImportOptions Options() const {
    return {.listing = {.roots = {tree_}}, .height = 8, .width = 8};
  }
  ImageImportOptions SkippingBad() const {
    ImageImportOptions options = Options();
    options.listing.skip_bad = true;
    return options;
  }
  // Two classes of two images each.
  static std::vector<TestEntry> Entries() {
    return {{"a/1.png", Png(8, 8, 1)},
            {"a/2.png", Png(8, 8, 2)},
            {"b/1.png", Png(8, 8, 3)},
            {"b/2.png", Png(8, 8, 4)}};
  }
  ImageImport Import(const ImageImportOptions& options) {
    auto import = ImportImages(options, path_);
    EXPECT_TRUE(import.ok()) << import.status();
    return import.ok() ? *std::move(import) : ImageImport();
  }
  std::string ErrorOf(const ImageImportOptions& options) {
    const auto import = ImportImages(options, path_);
    EXPECT_TRUE(absl::IsInvalidArgument(import.status())) << import.status();
    return std::string(import.status().message());
  }
  // The file that was written, into which the view looks.
  DatasetView View() {
    file_ = ReadBytes(path_);
    auto view = ParseDataset({reinterpret_cast<const uint8_t*>(file_.data()), file_.size()});
    EXPECT_TRUE(view.ok()) << view.status();
    return view.ok() ? *std::move(view) : DatasetView();
  }
  std::vector<uint8_t> ImageAt(uint32_t row) {
    const DatasetView view = View();
    return {view.image(row).begin(), view.image(row).end()};
  }

  const TestFolder folder_;
  const std::string tree_ = folder_ / "tree";
  const std::string path_ = folder_ / "out.safetensors";
  std::string file_;
};

TEST_F(ImportImagesTest, KeepsPixelsThatNeedNoResizing) {
  WriteFolder(tree_, Entries());
  const ImageImport import = Import(Options());
  EXPECT_EQ(import.index.classes.size(), 2u);
  const DatasetView view = View();
  EXPECT_EQ(view.index.channels, 3u);
  EXPECT_EQ(view.index.examples(), 4u);
  for (uint32_t row = 0; row < 4; ++row) {
    EXPECT_EQ(ImageAt(row), Planes(SmoothImage(8, 8, 3, row + 1))) << row;
  }
}

TEST_F(ImportImagesTest, CropsAndResizesImagesOfAnySize) {
  WriteFolder(tree_, {{"a/1.png", Png(20, 31, 1)}, {"a/2.jpg", EncodeJpeg(SmoothImage(5, 3, 3))}});
  ImageImportOptions options = Options();
  options.height = 6;
  Import(options);
  const Raster image = SmoothImage(20, 31, 3, 1);
  EXPECT_EQ(ImageAt(0), Planes(Resize(image, CentredBox(image, 6, 8), 6, 8)));
  options.crop_to_centre = false;
  Import(options);
  EXPECT_EQ(ImageAt(0), Planes(Resize(image, WholeBox(image), 6, 8)));
  EXPECT_THAT(View().index.provenance,
              "images of tree; colour; resized to 8x6 by a triangle filter");
}

TEST_F(ImportImagesTest, MakesGreyImagesOnRequest) {
  WriteFolder(tree_, Entries());
  ImageImportOptions options = Options();
  options.channels = 1;
  Import(options);
  EXPECT_EQ(View().index.channels, 1u);
  const Raster colour = SmoothImage(8, 8, 3, 1);
  EXPECT_EQ(ImageAt(0)[0], Luma(colour.pixels[0], colour.pixels[1], colour.pixels[2]));
}

TEST_F(ImportImagesTest, TakesTheSizeOfTheImagesWhereNoneIsGiven) {
  std::vector<TestEntry> entries = Entries();
  WriteFolder(tree_, entries);
  ImageImportOptions options = Options();
  options.height = options.width = 0;
  Import(options);
  EXPECT_EQ(View().index.height, 8u);
  WriteFolder(tree_, {{"b/2.png", Png(8, 9, 0)}});
  EXPECT_THAT(ErrorOf(options),
              AllOf(HasSubstr("b/2.png: an image of 9x8 pixels; the first has 8x8"),
                    HasSubstr("give --size")));
}

// A large JPEG is decoded reduced; what it then becomes is what the whole image becomes, nearly.
TEST_F(ImportImagesTest, MakesTheSameOfAReducedJpegNearly) {
  const Raster large = SmoothImage(400, 500, 3, 1);
  WriteFolder(tree_, {{"a/1.jpg", EncodeJpeg(large)}, {"a/2.png", *EncodePngFile(large)}});
  Import(Options());
  const std::vector<uint8_t> reduced = ImageAt(0), whole = ImageAt(1);
  for (size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(reduced[i], whole[i], 4) << i;
}

TEST_F(ImportImagesTest, GivesTheSameBytesOfAFolderAndOfEveryArchive) {
  WriteFolder(tree_, Entries());
  Import(Options());
  const DatasetView view = View();
  const std::vector<uint8_t> pixels(view.images.begin(), view.images.end());
  for (const ArchiveKind kind : {ArchiveKind::kZip, ArchiveKind::kTar, ArchiveKind::kTarGz}) {
    std::vector<TestEntry> entries = Entries();
    std::reverse(entries.begin(), entries.end());
    WriteArchive(kind, folder_ / "archive", entries);
    ImageImportOptions options = Options();
    options.listing.roots = {folder_ / "archive"};
    Import(options);
    const DatasetView archived = View();
    EXPECT_TRUE(std::equal(pixels.begin(), pixels.end(), archived.images.begin()));
    EXPECT_EQ(archived.index.provenance,
              "images of archive; colour; cropped to the centre, "
              "resized to 8x8 by a triangle filter");
  }
}

TEST_F(ImportImagesTest, GivesTheSameBytesEachTime) {
  std::vector<TestEntry> entries;
  for (uint32_t i = 0; i < 300; ++i) {
    entries.push_back(
        {"c" + std::to_string(i % 7) + "/" + std::to_string(i) + ".png", Png(9 + i % 5, 12, i)});
  }
  WriteFolder(tree_, entries);
  Import(Options());
  const std::string first = *Sha256HexOfFile(path_);
  for (int attempt = 0; attempt < 3; ++attempt) {
    Import(Options());
    EXPECT_EQ(*Sha256HexOfFile(path_), first);
  }
}

TEST_F(ImportImagesTest, ReportsProgressUpToTheEnd) {
  WriteFolder(tree_, Entries());
  std::vector<std::pair<uint64_t, uint64_t>> reports;
  ImageImportOptions options = Options();
  options.progress = [&reports](uint64_t done, uint64_t total) {
    reports.emplace_back(done, total);
  };
  Import(options);
  EXPECT_EQ(reports.back(), (std::pair<uint64_t, uint64_t>(4, 4)));
}

TEST_F(ImportImagesTest, StoresSplits) {
  WriteFolder(tree_, Entries());
  ImageImportOptions options = Options();
  options.splits = {{"a", v1::TEST}, {"b", v1::TRAIN}};
  Import(options);
  EXPECT_EQ(View().index.classes[0].split, v1::TEST);
  EXPECT_EQ(View().index.classes[1].split, v1::TRAIN);
  options.splits.reset();
  options.split_fractions = {.train = 0.5, .validation = 0, .test = 0.5};
  Import(options);
  EXPECT_NE(View().index.classes[0].split, View().index.classes[1].split);
}

TEST_F(ImportImagesTest, RefusesSplitsThatDoNotFit) {
  WriteFolder(tree_, Entries());
  ImageImportOptions options = Options();
  options.splits = {{"a", v1::TEST}, {"b", v1::TRAIN}, {"c", v1::TRAIN}};
  EXPECT_THAT(ErrorOf(options), HasSubstr("'c' is no class"));
}

// Each kind of bad file, alone: named, or left out with its reason.
TEST_F(ImportImagesTest, NamesABadFileOrLeavesItOut) {
  const std::string good = Png(8, 8, 9);
  std::string corrupt = good;
  corrupt[good.size() / 2] = static_cast<char>(corrupt[good.size() / 2] ^ 0xff);
  const std::string jpeg = EncodeJpeg(SmoothImage(30, 30, 3));
  for (const auto& [content, reason] : std::vector<std::pair<std::string, std::string>>{
           {"", "an empty file"},
           {"this is text", "neither a PNG nor a JPEG"},
           {good.substr(0, good.size() / 2), "a broken PNG"},
           {corrupt, "a broken PNG"},
           {jpeg.substr(0, jpeg.size() * 3 / 4), "a broken JPEG"},
           {Png(50, 50, 0), "an image of 50x50 pixels; 1 to 2000 pixels"}}) {
    std::filesystem::remove_all(tree_);
    WriteFolder(tree_, Entries());
    ImageImportOptions options = Options();
    options.max_pixels = 2000;
    Import(options);
    const std::string without = ReadBytes(path_);
    WriteFolder(tree_, {{"a/0bad.png", content}});
    EXPECT_THAT(ErrorOf(options), AllOf(HasSubstr(tree_ + "/a/0bad.png: "), HasSubstr(reason),
                                        HasSubstr("--skip-bad")));
    options.listing.skip_bad = true;
    const ImageImport import = Import(options);
    ASSERT_EQ(import.left_out.size(), 1u) << reason;
    EXPECT_EQ(import.left_out[0].name, tree_ + "/a/0bad.png");
    EXPECT_THAT(import.left_out[0].reason, HasSubstr(reason));
    EXPECT_TRUE(ReadBytes(path_) == without) << reason;  // As if it had never been there.
  }
}

TEST_F(ImportImagesTest, NamesTheFirstOfSeveralBadFiles) {
  std::vector<TestEntry> entries;
  for (int i = 100; i < 400; ++i) {
    entries.push_back({"a/" + std::to_string(i) + ".png", i < 237 ? Png(8, 8, 0) : "text"});
  }
  WriteFolder(tree_, entries);
  for (int attempt = 0; attempt < 10; ++attempt) {
    EXPECT_THAT(ErrorOf(Options()), HasSubstr("a/237.png"));
  }
}

TEST_F(ImportImagesTest, LeavesOutAClassThatBadFilesMadeTooSmall) {
  std::vector<TestEntry> entries = Entries();
  entries[0].second = "text";
  WriteFolder(tree_, entries);
  const ImageImport import = Import(SkippingBad());
  ASSERT_EQ(import.index.classes.size(), 1u);
  EXPECT_EQ(import.index.classes[0].name, "b");
  ASSERT_EQ(import.left_out.size(), 2u);
  EXPECT_EQ(import.left_out[1].name, "class 'a'");
  EXPECT_EQ(View().index.examples(), 2u);
}

TEST_F(ImportImagesTest, RefusesATreeWithoutAGoodImage) {
  WriteFolder(tree_, {{"a/1", "text"}, {"a/2", "text"}});
  EXPECT_TRUE(absl::IsInvalidArgument(ImportImages(SkippingBad(), path_).status()));
  ImageImportOptions options = SkippingBad();
  options.height = options.width = 0;
  EXPECT_THAT(ErrorOf(options), HasSubstr("no PNG or JPEG image"));
}

TEST_F(ImportImagesTest, NamesTheArchiveThatIsCutOff) {
  std::vector<TestEntry> entries = Entries();
  const std::string archive = folder_ / "x.tar.gz";
  WriteArchive(ArchiveKind::kTarGz, archive, entries);
  const std::string whole = ReadBytes(archive);
  WriteBytes(archive, whole.substr(0, whole.size() / 2));
  ImageImportOptions options = SkippingBad();
  options.listing.roots = {archive};
  EXPECT_THAT(ErrorOf(options), AllOf(HasSubstr(archive), HasSubstr("corrupt or truncated")));
}

TEST_F(ImportImagesTest, SaysThatTheDiskIsFull) {
  WriteFolder(tree_, Entries());
  const absl::Status full = ImportImages(SkippingBad(), "/dev/full").status();
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
}

}  // namespace
}  // namespace outerloop::data
