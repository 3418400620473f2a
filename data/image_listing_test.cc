#include "data/image_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/test_folder.h"
#include "data/test_archive.h"

namespace outerloop::data {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Classes as "name origin examples", with a split if they have one.
std::vector<std::string> ClassesOf(const ImageListing& listing) {
  std::vector<std::string> classes;
  for (const DatasetClass& c : listing.index.classes) {
    std::string text = c.name + " " + c.origin + " " + std::to_string(c.examples);
    if (listing.index.has_splits()) text += " " + SplitName(c.split);
    classes.push_back(std::move(text));
  }
  return classes;
}

std::vector<std::string> PathsOf(const ImageListing& listing) {
  std::vector<std::string> paths;
  for (const ListedImage& image : listing.images) paths.push_back(image.path);
  return paths;
}

class ListImagesTest : public ::testing::Test {
 protected:
  // Of folder "tree" with these files, all empty.
  void MakeTree(const std::vector<std::string>& paths) { MakeFolder("tree", paths); }
  void MakeFolder(const std::string& name, const std::vector<std::string>& paths) {
    std::vector<TestEntry> entries;
    for (const std::string& path : paths) entries.push_back({path, ""});
    WriteFolder(folder_ / name, entries);
  }
  ImageListing List(const ListingOptions& options) {
    auto listing = ListImages(options);
    EXPECT_TRUE(listing.ok()) << listing.status();
    return listing.ok() ? *std::move(listing) : ImageListing();
  }
  std::string ErrorOf(const ListingOptions& options) {
    const auto listing = ListImages(options);
    EXPECT_TRUE(absl::IsInvalidArgument(listing.status())) << listing.status();
    return std::string(listing.status().message());
  }
  ListingOptions Tree() const { return {.roots = {tree_}}; }
  ListingOptions TreeSkippingBad() const { return {.roots = {tree_}, .skip_bad = true}; }

  const TestFolder folder_;
  const std::string tree_ = folder_ / "tree";
};

TEST_F(ListImagesTest, MakesAClassOfEveryFolderAtAnyDepth) {
  MakeTree({"b/2.png", "b/1.png", "a/deep/er/x.jpg", "a/y.jpg"});
  const ImageListing listing = List(Tree());
  EXPECT_THAT(ClassesOf(listing), ElementsAre("a tree 1", "a/deep/er tree 1", "b tree 2"));
  EXPECT_THAT(PathsOf(listing), ElementsAre("a/y.jpg", "a/deep/er/x.jpg", "b/1.png", "b/2.png"));
  EXPECT_EQ(listing.index.classes[2].first_row, 2u);
}

TEST_F(ListImagesTest, MergesTheClassesOfAllRoots) {
  MakeFolder("one", {"a/1", "b/1"});
  WriteArchive(ArchiveKind::kTarGz, folder_ / "two.tar.gz", {{"b/0", ""}, {"c/0", ""}});
  const ImageListing listing = List({.roots = {folder_ / "one/", folder_ / "two.tar.gz"}});
  EXPECT_THAT(ClassesOf(listing), ElementsAre("a one 1", "b one 2", "c two.tar.gz 1"));
  EXPECT_THAT(PathsOf(listing), ElementsAre("a/1", "b/1", "b/0", "c/0"));
}

TEST_F(ListImagesTest, RefusesTheSameRootTwice) {
  MakeTree({"a/1"});
  EXPECT_THAT(ErrorOf({.roots = {tree_, folder_ / "x/../tree"}}), HasSubstr("given twice"));
}

TEST_F(ListImagesTest, PassesOverWhatOperatingSystemsAdd) {
  MakeTree({"a/1.png", ".DS_Store", "a/.DS_Store", "__MACOSX/a/._1.png", "a/Thumbs.db",
            ".git/config", "desktop.ini"});
  EXPECT_THAT(PathsOf(List(Tree())), ElementsAre("a/1.png"));
}

TEST_F(ListImagesTest, RefusesAFolderWithoutClasses) {
  MakeTree({".hidden/x"});
  EXPECT_THAT(ErrorOf(Tree()), AllOf(HasSubstr(tree_), HasSubstr("one folder for each class")));
}

TEST_F(ListImagesTest, NamesAFileInNoClassOrLeavesItOut) {
  MakeTree({"a/1.png", "readme.txt"});
  EXPECT_EQ(ErrorOf(Tree()), tree_ +
                                 "/readme.txt: in no class's folder; mend or remove it, or "
                                 "import with --skip-bad to leave it out");
  const ImageListing listing = List(TreeSkippingBad());
  EXPECT_THAT(PathsOf(listing), ElementsAre("a/1.png"));
  ASSERT_EQ(listing.left_out.size(), 1u);
  EXPECT_EQ(listing.left_out[0].name, tree_ + "/readme.txt");
  EXPECT_EQ(listing.left_out[0].reason, "in no class's folder");
}

TEST_F(ListImagesTest, NamesALinkOrLeavesItOut) {
  MakeTree({"a/1.png"});
  std::filesystem::create_directory_symlink("/", tree_ + "/a/out");
  EXPECT_THAT(ErrorOf(Tree()), AllOf(HasSubstr("a/out"), HasSubstr("links are not followed")));
  EXPECT_EQ(List(TreeSkippingBad()).left_out.size(), 1u);
}

TEST_F(ListImagesTest, NamesAPathThatLeadsOutOfAnArchive) {
  const std::string archive = folder_ / "x.zip";
  WriteZip(archive, {{"a/1.png", ""}, {"../../etc/1.png", ""}});
  EXPECT_THAT(ErrorOf({.roots = {archive}}),
              AllOf(HasSubstr(archive + ": ../../etc/1.png"), HasSubstr("leads out")));
  EXPECT_THAT(PathsOf(List({.roots = {archive}, .skip_bad = true})), ElementsAre("a/1.png"));
}

TEST_F(ListImagesTest, NamesAPathThatStandsTwiceInAnArchive) {
  const std::string archive = folder_ / "x.tar";
  WriteArchive(ArchiveKind::kTar, archive, {{"a/1.png", "x"}, {"a/1.png", "y"}, {"a/2.png", ""}});
  EXPECT_THAT(ErrorOf({.roots = {archive}}), HasSubstr("a/1.png: stands twice"));
  EXPECT_THAT(PathsOf(List({.roots = {archive}, .skip_bad = true})),
              ElementsAre("a/1.png", "a/2.png"));
}

TEST_F(ListImagesTest, RefusesClassesThatDifferByCaseAlone) {
  MakeTree({"cat/1", "Cat/2"});
  EXPECT_EQ(ErrorOf(Tree()), "the classes " + tree_ + "/Cat and " + tree_ +
                                 "/cat differ by case or Unicode form alone; rename or merge them");
}

TEST_F(ListImagesTest, RefusesClassesThatDifferByUnicodeFormAlone) {
  MakeFolder("one", {"caf\xc3\xa9/1"});
  MakeFolder("two", {"cafe\xcc\x81/1"});
  EXPECT_THAT(ErrorOf({.roots = {folder_ / "one", folder_ / "two"}, .skip_bad = true}),
              HasSubstr("Unicode form alone"));
  EXPECT_THAT(ClassesOf(List({.roots = {folder_ / "two"}})), ElementsAre("caf\xc3\xa9 two 1"));
}

TEST_F(ListImagesTest, NamesAClassThatIsNotUtf8) {
  WriteArchive(ArchiveKind::kTar, folder_ / "x.tar", {{"caf\xe9/1", ""}, {"b/1", ""}});
  EXPECT_THAT(ErrorOf({.roots = {folder_ / "x.tar"}}), HasSubstr("is not UTF-8; rename it"));
}

TEST_F(ListImagesTest, TakesSplitsFromTheFirstLevelOfFolders) {
  MakeTree({"train/a/1", "val/b/x/1", "test/c/1", "train/a/2"});
  ListingOptions options = Tree();
  options.split_by_folder = true;
  EXPECT_THAT(ClassesOf(List(options)),
              ElementsAre("a tree 2 train", "b/x tree 1 validation", "c tree 1 test"));
}

TEST_F(ListImagesTest, RefusesAClassInTwoSplits) {
  MakeTree({"train/a/1", "test/a/2"});
  ListingOptions options = Tree();
  options.split_by_folder = true;
  EXPECT_EQ(ErrorOf(options), "class 'a' is in test and in train; splits must not share a class");
}

TEST_F(ListImagesTest, RefusesAFolderThatIsNoSplit) {
  MakeTree({"train/a/1", "extra/b/2", "train/3"});
  ListingOptions options = Tree();
  options.split_by_folder = true;
  EXPECT_THAT(ErrorOf(options), AllOf(HasSubstr("extra/b/2"), HasSubstr("not in a folder train")));
  options.skip_bad = true;
  const ImageListing listing = List(options);
  EXPECT_THAT(PathsOf(listing), ElementsAre("train/a/1"));
  EXPECT_EQ(listing.left_out.size(), 2u);
}

TEST_F(ListImagesTest, RefusesAClassWithTooFewImagesOrLeavesItOut) {
  MakeTree({"a/1", "b/1", "b/2", "c/1", "c/2", "c/3"});
  ImageListing listing = List(Tree());
  EXPECT_EQ(CheckClassSizes(2, false, listing).message(),
            "class 'a' has 1 image, fewer than 2 (--min-examples); add some, or import with "
            "--skip-bad to leave it out");
  listing = List(Tree());
  ASSERT_TRUE(CheckClassSizes(2, true, listing).ok());
  EXPECT_THAT(ClassesOf(listing), ElementsAre("b tree 2", "c tree 3"));
  EXPECT_THAT(PathsOf(listing), ElementsAre("b/1", "b/2", "c/1", "c/2", "c/3"));
  EXPECT_EQ(listing.index.classes[1].first_row, 2u);
  ASSERT_EQ(listing.left_out.size(), 1u);
  EXPECT_EQ(listing.left_out[0].name, "class 'a'");
  EXPECT_TRUE(absl::IsInvalidArgument(CheckClassSizes(4, true, listing)));
}

}  // namespace
}  // namespace outerloop::data
