#include "worker/coordinator_files.h"

#include <string>

#include "common/sha256.h"
#include "gtest/gtest.h"
#include "worker/testing/fake_coordinator.h"

namespace outerloop::worker {
namespace {

class CoordinatorFilesTest : public testing::Test {
 protected:
  v1::StoreCheckpointHeader HeaderOf(const std::string& bytes) {
    v1::StoreCheckpointHeader header;
    header.set_step(3);
    header.set_sha256(Sha256Hex(bytes));
    header.set_size_bytes(bytes.size());
    return header;
  }

  FakeCoordinator coordinator_;
  Progress progress_;
  CoordinatorFiles files_{coordinator_.NewChannel(), progress_};
  Cancellation cancellation_;
};

TEST_F(CoordinatorFilesTest, FetchesABlobPieceByPiece) {
  const std::string bytes(10'500, 'x');
  const std::string sha256 = coordinator_.AddBlob(bytes);
  const auto fetched = files_.FetchToMemory(sha256, cancellation_);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(*fetched, bytes);
  EXPECT_EQ(progress_.Snapshot().progress(), 11u);
}

TEST_F(CoordinatorFilesTest, RefusesABlobWithAnotherDigest) {
  const std::string sha256 = Sha256Hex("what was asked for");
  coordinator_.SetBlob(sha256, "something else");
  EXPECT_TRUE(absl::IsDataLoss(files_.FetchToMemory(sha256, cancellation_).status()));
}

TEST_F(CoordinatorFilesTest, NamesTheBlobThatThereIsNot) {
  const std::string sha256 = Sha256Hex("nothing");
  const absl::Status status = files_.FetchToMemory(sha256, cancellation_).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_NE(status.message().find(sha256), std::string::npos) << status;
}

TEST_F(CoordinatorFilesTest, StopsWhenTheSinkFails) {
  const std::string sha256 = coordinator_.AddBlob(std::string(5'000, 'x'));
  int pieces = 0;
  const auto full = [&pieces](std::string_view) {
    ++pieces;
    return absl::ResourceExhaustedError("disk full");
  };
  EXPECT_TRUE(absl::IsResourceExhausted(files_.Fetch(sha256, full, cancellation_)));
  EXPECT_EQ(pieces, 1);
}

TEST_F(CoordinatorFilesTest, EndsACallThatIsCancelled) {
  const std::string sha256 = coordinator_.AddBlob(std::string(5'000, 'x'));
  const auto cancel = [this](std::string_view) {
    cancellation_.Cancel();
    return absl::OkStatus();
  };
  EXPECT_TRUE(absl::IsCancelled(files_.Fetch(sha256, cancel, cancellation_)));
  EXPECT_TRUE(absl::IsCancelled(
      files_.StoreCheckpoint(HeaderOf("x"), "x", absl::Seconds(30), cancellation_)));
}

TEST_F(CoordinatorFilesTest, StoresACheckpointOfManyChunks) {
  const std::string bytes(3'000'000, 'c');
  const absl::Status status =
      files_.StoreCheckpoint(HeaderOf(bytes), bytes, absl::Seconds(30), cancellation_);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(coordinator_.WaitForCheckpoint(3), bytes);
}

TEST_F(CoordinatorFilesTest, ReportsWhyACheckpointIsRefused) {
  coordinator_.FailStores({{grpc::StatusCode::FAILED_PRECONDITION, "generation 4 has begun"}});
  const absl::Status status =
      files_.StoreCheckpoint(HeaderOf("x"), "x", absl::Seconds(30), cancellation_);
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_NE(status.message().find("generation 4"), std::string::npos) << status;
}

}  // namespace
}  // namespace outerloop::worker
