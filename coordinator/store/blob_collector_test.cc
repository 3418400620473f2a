#include "coordinator/store/blob_collector.h"

#include <memory>
#include <string>

#include "common/test_folder.h"
#include "coordinator/store/store_test_records.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

class BlobCollectorTest : public testing::Test {
 protected:
  void SetUp() override {
    Store::Batch batch;
    batch.Put(MakeJob("job-1"));
    batch.Put(MakeJob("job-2"));
    ASSERT_TRUE(store_->Commit(batch).ok());
  }
  void Name(const std::string& job_id, uint64_t step, const std::string& sha256) {
    Store::Batch batch;
    CheckpointRecord checkpoint = MakeCheckpoint(job_id, step);
    checkpoint.sha256 = sha256;
    batch.Put(checkpoint);
    ASSERT_TRUE(store_->Commit(batch).ok());
  }
  void Unname(const std::string& job_id, uint64_t step) {
    Store::Batch batch;
    batch.DeleteCheckpoint(job_id, step);
    ASSERT_TRUE(store_->Commit(batch).ok());
  }

  TestFolder folder_;
  const std::unique_ptr<Store> store_ = Store::Open(folder_ / "db").value();
  const std::unique_ptr<BlobStore> blobs_ = BlobStore::Open(folder_ / "blobs").value();
  const BlobCollector collector_{*store_, *blobs_};
};

// Two jobs of one specification have the same files.
TEST_F(BlobCollectorTest, RemovesABlobOnlyWhenItsLastNameIsGone) {
  const std::string sha256 = blobs_->Put("state").value();
  Name("job-1", 10, sha256);
  Name("job-2", 10, sha256);
  Unname("job-1", 10);
  ASSERT_TRUE(collector_.Collect(sha256).ok());
  EXPECT_TRUE(blobs_->Contains(sha256));
  Unname("job-2", 10);
  ASSERT_TRUE(collector_.Collect(sha256).ok());
  EXPECT_FALSE(blobs_->Contains(sha256));
  EXPECT_TRUE(collector_.Collect(sha256).ok());
}

TEST_F(BlobCollectorTest, SweepsWhatNothingNamesAndLeavesCheckpointsAndDataSets) {
  const std::string checkpoint = blobs_->Put("state").value();
  const std::string dataset = blobs_->Put("images").value();
  const std::string orphan = blobs_->Put("written, but the kill came before its record").value();
  Name("job-1", 10, checkpoint);
  v1::Dataset record;
  record.set_name("a-name");
  record.set_sha256(dataset);
  Store::Batch batch;
  batch.Put(record);
  ASSERT_TRUE(store_->Commit(batch).ok());
  EXPECT_EQ(*collector_.Sweep(), 1);
  EXPECT_TRUE(blobs_->Contains(checkpoint));
  EXPECT_TRUE(blobs_->Contains(dataset));
  EXPECT_FALSE(blobs_->Contains(orphan));
  EXPECT_EQ(*collector_.Sweep(), 0);
}

}  // namespace
}  // namespace outerloop::coordinator
