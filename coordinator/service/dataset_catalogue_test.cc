#include "coordinator/service/dataset_catalogue.h"

#include <memory>
#include <string>
#include <vector>

#include "common/test_folder.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

std::string SmallDataset(uint8_t ink) {
  data::DatasetBuilder builder(1, 2, 2);
  for (const char* name : {"a", "b", "c"}) {
    builder.AddClass(name, "here");
    for (int example = 0; example < 4; ++example) {
      builder.AddImage(std::vector<uint8_t>{ink, 0, 0, ink});
    }
  }
  std::string bytes;
  EXPECT_TRUE(builder
                  .Write("a test",
                         [&](std::string_view piece) {
                           bytes.append(piece);
                           return absl::OkStatus();
                         })
                  .ok());
  return bytes;
}

class DatasetCatalogueTest : public testing::Test {
 protected:
  TestFolder folder_;
  std::unique_ptr<Store> store_ = *Store::Open(folder_ / "db");
  std::unique_ptr<BlobStore> blobs_ = *BlobStore::Open(folder_ / "blobs");
  DatasetCatalogue catalogue_{*store_, *blobs_};
};

TEST_F(DatasetCatalogueTest, DescribesWhatWasAdded) {
  const std::string sha256 = *blobs_->Put(SmallDataset(255));
  const auto added = catalogue_.Add("small", sha256, Anybody());
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(added->classes(), 3u);
  EXPECT_EQ(added->examples(), 12u);
  EXPECT_EQ(added->min_examples_per_class(), 4u);
  EXPECT_EQ(added->origins(0).name(), "here");
  EXPECT_EQ(catalogue_.Find("small", Anybody())->sha256(), sha256);
}

TEST_F(DatasetCatalogueTest, GivesANameToOneContentOnly) {
  const std::string sha256 = *blobs_->Put(SmallDataset(255));
  ASSERT_TRUE(catalogue_.Add("small", sha256, Anybody()).ok());
  EXPECT_TRUE(catalogue_.Add("small", sha256, Anybody()).ok());
  EXPECT_EQ(catalogue_.Add("small", *blobs_->Put(SmallDataset(7)), Anybody()).status().code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_F(DatasetCatalogueTest, RefusesNamesThatAreBuiltInOrNotAllowed) {
  const std::string sha256 = *blobs_->Put(SmallDataset(255));
  for (const char* name : {"strokes", "sinusoid", "", "a b", "../up"}) {
    EXPECT_EQ(catalogue_.Add(name, sha256, Anybody()).status().code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
}

TEST_F(DatasetCatalogueTest, RefusesABlobThatIsNoDataSet) {
  EXPECT_EQ(catalogue_.Add("text", *blobs_->Put("just text"), Anybody()).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(catalogue_.List(Anybody())->empty());
}

TEST_F(DatasetCatalogueTest, DrawsStrokesOnceAndForAll) {
  const auto first = catalogue_.Find("strokes", Anybody());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(first->built_in());
  EXPECT_GE(first->classes(), 1000u);
  DatasetCatalogue again(*store_, *blobs_);
  EXPECT_EQ(again.Find("strokes", Anybody())->sha256(), first->sha256());
}

class RemoveTest : public DatasetCatalogueTest {
 protected:
  absl::Status Remove(const std::string& name, const std::string& user = "") {
    return catalogue_.Remove(name, Anybody(), [&user](const std::string&) { return user; });
  }

  const std::string sha256_ = *blobs_->Put(SmallDataset(255));
  const absl::Status added_ = catalogue_.Add("small", sha256_, Anybody()).status();
};

TEST_F(RemoveTest, TakesAwayTheNameAndTheFile) {
  EXPECT_TRUE(Remove("small").ok());
  EXPECT_TRUE(catalogue_.List(Anybody())->empty());
  EXPECT_FALSE(blobs_->Contains(sha256_));
  EXPECT_TRUE(absl::IsNotFound(catalogue_.Index(sha256_).status()));
  EXPECT_TRUE(absl::IsNotFound(Remove("small")));
}

TEST_F(RemoveTest, KeepsTheFileWhileItHasAnotherName) {
  ASSERT_TRUE(catalogue_.Add("same", sha256_, Anybody()).ok());
  EXPECT_TRUE(Remove("small", "job-1").ok());  // The job has the content under the other name.
  EXPECT_TRUE(blobs_->Contains(sha256_));
  EXPECT_TRUE(absl::IsFailedPrecondition(Remove("same", "job-1")));
  EXPECT_TRUE(Remove("same").ok());
  EXPECT_FALSE(blobs_->Contains(sha256_));
}

TEST_F(RemoveTest, RefusesWhatAJobNeeds) {
  const absl::Status refused = Remove("small", "job-1");
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_EQ(refused.message(), "data set 'small': job-1 needs it; wait for its end or cancel it");
  EXPECT_TRUE(blobs_->Contains(sha256_));
}

TEST_F(RemoveTest, RefusesWhatIsHeld) {
  {
    const auto one = catalogue_.HoldContent(sha256_);
    auto two = catalogue_.HoldContent(sha256_);
    ASSERT_TRUE(one.ok() && two.ok());
    *two = nullptr;
    EXPECT_TRUE(absl::IsFailedPrecondition(Remove("small")));
  }
  EXPECT_TRUE(Remove("small").ok());
  EXPECT_TRUE(absl::IsNotFound(catalogue_.HoldContent(sha256_).status()));
}

TEST_F(RemoveTest, RefusesWhatIsBuiltIn) {
  EXPECT_TRUE(absl::IsFailedPrecondition(Remove("strokes")));
  EXPECT_TRUE(catalogue_.Find("strokes", Anybody()).ok());
}

TEST_F(RemoveTest, AsksForAFileThatWasRemovedBeforeItGotAName) {
  ASSERT_TRUE(Remove("small").ok());
  EXPECT_TRUE(absl::IsUnavailable(catalogue_.Add("again", sha256_, Anybody()).status()));
}

TEST_F(DatasetCatalogueTest, CountsTheClassesOfAStoredSplit) {
  data::DatasetIndex index{
      .classes = {}, .channels = 1, .height = 1, .width = 1, .provenance = "a test"};
  for (const v1::Split split : {v1::TRAIN, v1::TEST, v1::TRAIN}) {
    const auto row = static_cast<uint32_t>(index.classes.size());
    index.classes.push_back({.name = std::string(1, static_cast<char>('a' + row)),
                             .origin = "here",
                             .first_row = row,
                             .examples = 1,
                             .split = split});
  }
  const std::string file = *data::DatasetPreamble(index) + "xyz";
  const auto added = catalogue_.Add("split", *blobs_->Put(file), Anybody());
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(added->splits().train(), 2u);
  EXPECT_EQ(added->splits().validation(), 0u);
  EXPECT_EQ(added->splits().test(), 1u);
  EXPECT_FALSE(catalogue_.Add("none", *blobs_->Put(SmallDataset(1)), Anybody())->has_splits());
}

TEST_F(DatasetCatalogueTest, NamesWhatThereIsWhenANameIsUnknown) {
  const absl::Status missing = catalogue_.Find("stroke", Anybody()).status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(missing.message().find("did you mean 'strokes'?"), std::string::npos) << missing;
}

}  // namespace
}  // namespace outerloop::coordinator
