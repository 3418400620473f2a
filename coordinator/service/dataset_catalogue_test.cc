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
  const auto added = catalogue_.Add("small", sha256);
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(added->classes(), 3u);
  EXPECT_EQ(added->examples(), 12u);
  EXPECT_EQ(added->min_examples_per_class(), 4u);
  EXPECT_EQ(added->origins(0).name(), "here");
  EXPECT_EQ(catalogue_.Find("small")->sha256(), sha256);
}

TEST_F(DatasetCatalogueTest, GivesANameToOneContentOnly) {
  const std::string sha256 = *blobs_->Put(SmallDataset(255));
  ASSERT_TRUE(catalogue_.Add("small", sha256).ok());
  EXPECT_TRUE(catalogue_.Add("small", sha256).ok());
  EXPECT_EQ(catalogue_.Add("small", *blobs_->Put(SmallDataset(7))).status().code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_F(DatasetCatalogueTest, RefusesNamesThatAreBuiltInOrNotAllowed) {
  const std::string sha256 = *blobs_->Put(SmallDataset(255));
  for (const char* name : {"strokes", "sinusoid", "", "a b", "../up"}) {
    EXPECT_EQ(catalogue_.Add(name, sha256).status().code(), absl::StatusCode::kInvalidArgument)
        << name;
  }
}

TEST_F(DatasetCatalogueTest, RefusesABlobThatIsNoDataSet) {
  EXPECT_EQ(catalogue_.Add("text", *blobs_->Put("just text")).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(catalogue_.List()->empty());
}

TEST_F(DatasetCatalogueTest, DrawsStrokesOnceAndForAll) {
  const auto first = catalogue_.Find("strokes");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(first->built_in());
  EXPECT_GE(first->classes(), 1000u);
  DatasetCatalogue again(*store_, *blobs_);
  EXPECT_EQ(again.Find("strokes")->sha256(), first->sha256());
}

TEST_F(DatasetCatalogueTest, NamesWhatThereIsWhenANameIsUnknown) {
  const absl::Status missing = catalogue_.Find("stroke").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(missing.message().find("did you mean 'strokes'?"), std::string::npos) << missing;
}

}  // namespace
}  // namespace outerloop::coordinator
