#include "data/dataset_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "common/safetensors.h"

namespace outerloop::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::span<const uint8_t> BytesOf(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Two classes of two and one images of 1 x 1 x 2 pixels.
DatasetBuilder SmallBuilder() {
  DatasetBuilder builder(/*channels=*/1, /*height=*/1, /*width=*/2);
  builder.AddClass("Latin/a", "first");
  builder.AddImage(std::vector<uint8_t>{1, 2});
  builder.AddImage(std::vector<uint8_t>{3, 4});
  builder.AddClass("Latin/b", "second");
  builder.AddImage(std::vector<uint8_t>{5, 6});
  return builder;
}

absl::StatusOr<std::string> Write(const DatasetBuilder& builder) {
  std::string file;
  const absl::Status status = builder.Write("made by a test", [&file](std::string_view piece) {
    file.append(piece);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return file;
}

// A well-formed data set in pieces, for tests to spoil one of.
struct Pieces {
  SafetensorsFile file;
  std::vector<uint8_t> pixels = {1, 2, 3, 4, 5, 6};
  std::vector<int32_t> labels = {0, 0, 1};

  Pieces() {
    file.metadata = {{"format", "outerloop.dataset.v1"},
                     {"classes", R"([{"name": "a", "origin": "o"}, {"name": "b", "origin": "o"}])"},
                     {"provenance", "a test"}};
    file.tensors["images"] = {TensorType::kU8, {3, 1, 1, 2}, pixels};
    file.tensors["labels"] = {TensorType::kI32, {3}, {}};
  }

  std::string Error() {
    file.tensors["labels"].bytes = {reinterpret_cast<const uint8_t*>(labels.data()),
                                    labels.size() * sizeof(int32_t)};
    const std::string bytes = SafetensorsToString(file);
    const auto view = ParseDataset(BytesOf(bytes));
    if (view.ok()) return "";
    EXPECT_TRUE(absl::IsInvalidArgument(view.status())) << view.status();
    return std::string(view.status().message());
  }
};

TEST(DatasetFile, ReadsWhatTheBuilderWrote) {
  const auto file = Write(SmallBuilder());
  ASSERT_TRUE(file.ok()) << file.status();
  const auto view = ParseDataset(BytesOf(*file));
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_THAT(view->index.classes, ElementsAre(DatasetClass{"Latin/a", "first", 0, 2},
                                               DatasetClass{"Latin/b", "second", 2, 1}));
  EXPECT_EQ(view->index.examples(), 3u);
  EXPECT_EQ(view->index.channels, 1u);
  EXPECT_EQ(view->index.height, 1u);
  EXPECT_EQ(view->index.width, 2u);
  EXPECT_EQ(view->index.provenance, "made by a test");
  EXPECT_THAT(view->image(0), ElementsAre(1, 2));
  EXPECT_THAT(view->image(2), ElementsAre(5, 6));
}

TEST(DatasetFile, IsTheSameBytesForTheSameContent) {
  EXPECT_EQ(*Write(SmallBuilder()), *Write(SmallBuilder()));
}

TEST(DatasetFile, CanLieAtAnyAddress) {
  const std::string shifted = "x" + *Write(SmallBuilder());
  EXPECT_TRUE(ParseDataset(BytesOf(shifted).subspan(1)).ok());
}

TEST(DatasetFile, RefusesToWriteNothing) {
  EXPECT_THAT(Write(DatasetBuilder(1, 1, 1)).status().message(), HasSubstr("no class"));
}

TEST(DatasetFile, RefusesToWriteAnEmptyClass) {
  DatasetBuilder builder = SmallBuilder();
  builder.AddClass("Latin/c", "second");
  EXPECT_THAT(Write(builder).status().message(), HasSubstr("class 'Latin/c' has no image"));
}

TEST(DatasetFile, RefusesToWriteANameTwice) {
  DatasetBuilder builder = SmallBuilder();
  builder.AddClass("Latin/a", "third");
  builder.AddImage(std::vector<uint8_t>{7, 8});
  EXPECT_THAT(Write(builder).status().message(), HasSubstr("class 'Latin/a' stands twice"));
}

TEST(DatasetFile, RefusesToWriteANameThatIsNotUtf8) {
  DatasetBuilder builder(1, 1, 1);
  builder.AddClass("\xff\xfe", "origin");
  builder.AddImage(std::vector<uint8_t>{7});
  EXPECT_TRUE(absl::IsInvalidArgument(Write(builder).status()));
}

TEST(DatasetFile, PassesOnAnErrorOfTheSink) {
  const auto full = [](std::string_view) { return absl::ResourceExhaustedError("disk full"); };
  EXPECT_TRUE(absl::IsResourceExhausted(SmallBuilder().Write("", full)));
}

TEST(ParseDataset, AcceptsThePiecesThatTheTestsBelowSpoil) { EXPECT_EQ(Pieces().Error(), ""); }

TEST(ParseDataset, RefusesAnotherFormat) {
  Pieces other;
  other.file.metadata["format"] = "outerloop.checkpoint.v1";
  EXPECT_THAT(other.Error(), HasSubstr("format is 'outerloop.checkpoint.v1'"));
  Pieces none;
  none.file.metadata.erase("format");
  EXPECT_THAT(none.Error(), HasSubstr("no `format`"));
  Pieces unknown;
  unknown.file.metadata.erase("provenance");
  EXPECT_THAT(unknown.Error(), HasSubstr("no `provenance`"));
}

TEST(ParseDataset, RefusesMissingOrAdditionalTensors) {
  Pieces additional;
  additional.file.tensors["more"] = {TensorType::kU8, {1}, additional.pixels};
  additional.file.tensors["more"].bytes = std::span(additional.pixels).first(1);
  EXPECT_THAT(additional.Error(), HasSubstr("has 3 tensors"));
  Pieces renamed;
  renamed.file.tensors["image"] = renamed.file.tensors["images"];
  renamed.file.tensors.erase("images");
  EXPECT_THAT(renamed.Error(), HasSubstr("no tensor `images`"));
}

TEST(ParseDataset, RefusesImagesOfAnotherShapeOrType) {
  Pieces flat;
  flat.file.tensors["images"].shape = {3, 2};
  EXPECT_THAT(flat.Error(), HasSubstr("`images` is not U8 [N, C, H, W]"));
  Pieces empty;
  empty.file.tensors["images"].shape = {3, 1, 0, 2};
  empty.file.tensors["images"].bytes = {};
  EXPECT_THAT(empty.Error(), HasSubstr("a dimension of 0"));
  Pieces fewer;
  fewer.file.tensors["images"].shape = {2, 1, 1, 3};
  EXPECT_THAT(fewer.Error(), HasSubstr("2 images but 3 labels"));
}

TEST(ParseDataset, RefusesLabelsThatDoNotAscendFrom0WithoutGaps) {
  Pieces descending;
  descending.labels = {0, 1, 0};
  EXPECT_THAT(descending.Error(), HasSubstr("labels[2] is 0 after 1"));
  Pieces from_one;
  from_one.labels = {1, 1, 1};
  EXPECT_THAT(from_one.Error(), HasSubstr("labels[0] is 1 after -1"));
  Pieces gap;
  gap.labels = {0, 0, 2};
  EXPECT_THAT(gap.Error(), HasSubstr("labels[2] is 2 after 0"));
  Pieces negative;
  negative.labels = {-1, 0, 1};
  EXPECT_THAT(negative.Error(), HasSubstr("labels[0] is -1"));
  Pieces beyond;
  beyond.labels = {0, 1, 2};
  EXPECT_THAT(beyond.Error(), HasSubstr("labels[2] is 2, but there are 2 classes"));
}

TEST(ParseDataset, RefusesAClassWithoutExamples) {
  Pieces pieces;
  pieces.labels = {0, 0, 0};
  EXPECT_THAT(pieces.Error(), HasSubstr("class 'b' has no example"));
}

TEST(ParseDataset, RefusesSpoiltClassLists) {
  for (const auto& [classes, error] : std::vector<std::pair<std::string, std::string>>{
           {"", "no JSON array"},
           {"[{]", "no JSON array"},
           {"{}", "no JSON array"},
           {"[1, 2]", "classes[0] has no strings"},
           {R"([{"name": "a", "origin": "o"}, {"name": "b"}])", "classes[1] has no strings"},
           {R"([{"name": "a", "origin": "o"}, {"name": 2, "origin": "o"}])", "classes[1]"},
           {R"([{"name": "a", "origin": "o"}, {"name": "", "origin": "o"}])", "empty name"},
           {R"([{"name": "a", "origin": "o"}, {"name": "a", "origin": "p"}])",
            "class 'a' stands twice"}}) {
    Pieces pieces;
    pieces.file.metadata["classes"] = classes;
    EXPECT_THAT(pieces.Error(), HasSubstr(error)) << classes;
  }
}

TEST(ParseDataset, RefusesAFileCutOffAnywhere) {
  const std::string file = *Write(SmallBuilder());
  for (size_t size = 0; size < file.size(); ++size) {
    const std::vector<uint8_t> cut(file.begin(),
                                   file.begin() + size);  // Own heap block: ASan sees.
    EXPECT_TRUE(absl::IsInvalidArgument(ParseDataset(cut).status())) << size;
  }
}

TEST(ParseDataset, SurvivesEveryFlippedByte) {
  const std::string file = *Write(SmallBuilder());
  for (size_t i = 0; i < file.size(); ++i) {
    std::vector<uint8_t> spoilt(file.begin(), file.end());
    spoilt[i] ^= 0x5a;
    const auto view = ParseDataset(spoilt);
    if (view.ok()) {
      EXPECT_EQ(view->images.size(), view->index.examples() * view->index.image_bytes());
    }
  }
}

}  // namespace
}  // namespace outerloop::data
