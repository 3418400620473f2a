#include "coordinator/store/blob_store.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "common/atomic_file.h"
#include "common/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;

const std::string kAbsent(64, '0');

class BlobStoreTest : public testing::Test {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    auto store = BlobStore::Open(folder_ / "blobs");
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  // Every file under the store, of any name.
  int Files() const {
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      files += entry.is_regular_file();
    }
    return files;
  }

  TestFolder folder_;
  std::unique_ptr<BlobStore> store_;
};

TEST_F(BlobStoreTest, GivesBackWhatWasPut) {
  const std::string bytes("some\0bytes", 10);
  const auto sha256 = store_->Put(bytes);
  ASSERT_TRUE(sha256.ok()) << sha256.status();
  EXPECT_EQ(*sha256, Sha256Hex(bytes));
  EXPECT_TRUE(store_->Contains(*sha256));
  EXPECT_EQ(*ReadFile(*store_->PathOf(*sha256)), bytes);
}

TEST_F(BlobStoreTest, KeepsBlobsWhenOpenedAgain) {
  const std::string sha256 = store_->Put("bytes").value();
  Open();
  EXPECT_EQ(*ReadFile(*store_->PathOf(sha256)), "bytes");
}

TEST_F(BlobStoreTest, TakesABlobInPiecesAndShowsItOnlyWhenFinished) {
  const std::string sha256 = Sha256Hex("one two");
  auto writer = store_->Create(sha256, 7);
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE((*writer)->Append("one ").ok());
  ASSERT_TRUE((*writer)->Append("two").ok());
  EXPECT_FALSE(store_->Contains(sha256));
  ASSERT_TRUE((*writer)->Finish().ok());
  EXPECT_EQ(*ReadFile(*store_->PathOf(sha256)), "one two");
}

TEST_F(BlobStoreTest, TakesAnEmptyBlob) {
  const std::string sha256 = store_->Put("").value();
  EXPECT_EQ(*ReadFile(*store_->PathOf(sha256)), "");
}

TEST_F(BlobStoreTest, PuttingABlobTwiceIsHarmless) {
  const std::string sha256 = store_->Put("bytes").value();
  EXPECT_EQ(store_->Put("bytes").value(), sha256);
  EXPECT_EQ(Files(), 1);
}

TEST_F(BlobStoreTest, AWrongDigestLeavesNothing) {
  {
    auto writer = store_->Create(Sha256Hex("announced"), 4);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Append("sent").ok());
    const absl::Status status = (*writer)->Finish();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(status.message(), HasSubstr(Sha256Hex("sent")));
  }
  EXPECT_EQ(Files(), 0);
}

TEST_F(BlobStoreTest, AShortBlobLeavesNothing) {
  {
    auto writer = store_->Create(Sha256Hex("bytes"), 6);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Append("bytes").ok());
    const absl::Status status = (*writer)->Finish();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(status.message(), HasSubstr("got 5 of the 6 bytes"));
  }
  EXPECT_EQ(Files(), 0);
}

TEST_F(BlobStoreTest, ALongBlobIsStoppedAtItsSizeAndLeavesNothing) {
  {
    auto writer = store_->Create(Sha256Hex("bytes"), 5);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Append("byte").ok());
    EXPECT_EQ((*writer)->Append("s!").code(), absl::StatusCode::kOutOfRange);
  }
  EXPECT_EQ(Files(), 0);
}

TEST_F(BlobStoreTest, AKilledWriterLeavesNothingVisibleAndIsClearedAway) {
  const std::string sha256 = Sha256Hex("bytes");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto writer = store_->Create(sha256, 5);
    if (!writer.ok() || !(*writer)->Append("byte").ok()) _exit(1);
    raise(SIGKILL);
  }
  int state = 0;
  ASSERT_EQ(waitpid(child, &state, 0), child);
  ASSERT_TRUE(WIFSIGNALED(state));
  EXPECT_FALSE(store_->Contains(sha256));
  EXPECT_EQ(Files(), 1);
  Open();
  EXPECT_EQ(Files(), 0);
}

TEST_F(BlobStoreTest, RefusesWhatIsNoDigest) {
  const std::string outside = "../../" + std::string(58, 'a');
  const std::string upper(64, 'A');
  for (const std::string& name : {std::string(), std::string("abc"), std::string("/etc/passwd"),
                                  outside, upper, kAbsent + "0"}) {
    EXPECT_EQ(store_->Create(name, 1).status().code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_EQ(store_->PathOf(name).status().code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_FALSE(store_->Contains(name)) << name;
  }
  EXPECT_EQ(Files(), 0);
}

TEST_F(BlobStoreTest, SaysThatABlobIsNotThere) {
  EXPECT_EQ(store_->PathOf(kAbsent).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(store_->Contains(kAbsent));
}

TEST_F(BlobStoreTest, ListsAndRemovesBlobs) {
  const std::string a = store_->Put("a").value(), b = store_->Put("b").value();
  EXPECT_THAT(*store_->List(), testing::UnorderedElementsAre(a, b));
  ASSERT_TRUE(store_->Remove(a).ok());
  EXPECT_FALSE(store_->Contains(a));
  EXPECT_THAT(*store_->List(), testing::ElementsAre(b));
  EXPECT_TRUE(store_->Remove(a).ok());
  EXPECT_EQ(store_->Remove("../b").code(), absl::StatusCode::kInvalidArgument);
}

class ResumeTest : public BlobStoreTest {
 protected:
  // Writes `piece` behind the first `offset` bytes that are kept, and breaks off.
  void Write(uint64_t offset, const std::string& piece) {
    auto writer = store_->Resume(sha256_, content_.size(), offset);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE((*writer)->Append(piece).ok());
  }
  uint64_t Kept() const { return store_->ProgressOf(sha256_, content_.size())->bytes; }

  const std::string content_ = "one two three";
  const std::string sha256_ = Sha256Hex(content_);
};

TEST_F(ResumeTest, GoesOnWhereAWriterBrokeOff) {
  EXPECT_EQ(Kept(), 0u);
  Write(0, "one ");
  EXPECT_EQ(Kept(), 4u);
  EXPECT_FALSE(store_->Contains(sha256_));
  Write(4, "two ");
  auto writer = store_->Resume(sha256_, content_.size(), 8);
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE((*writer)->Append("three").ok());
  ASSERT_TRUE((*writer)->Finish().ok());
  EXPECT_EQ(*ReadFile(*store_->PathOf(sha256_)), content_);
  EXPECT_EQ(Kept(), content_.size());
  EXPECT_EQ(Files(), 1);
}

TEST_F(ResumeTest, GoesOnAfterAKill) {
  const pid_t child = fork();
  if (child == 0) {
    auto writer = store_->Resume(sha256_, content_.size(), 0);
    if (writer.ok() && (*writer)->Append("one ").ok()) raise(SIGKILL);
    _exit(1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  Open();
  EXPECT_EQ(Kept(), 4u);
  auto writer = store_->Resume(sha256_, content_.size(), 4);
  ASSERT_TRUE((*writer)->Append("two three").ok());
  EXPECT_TRUE((*writer)->Finish().ok());
}

TEST_F(ResumeTest, DropsWhatStandsBehindTheOffset) {
  Write(0, "one tow");
  auto writer = store_->Resume(sha256_, content_.size(), 4);
  ASSERT_TRUE((*writer)->Append("two three").ok());
  EXPECT_TRUE((*writer)->Finish().ok());
}

TEST_F(ResumeTest, AsksForMoreWhereFewerBytesAreKept) {
  Write(0, "one ");
  EXPECT_TRUE(absl::IsUnavailable(store_->Resume(sha256_, content_.size(), 5).status()));
  EXPECT_EQ(Kept(), 4u);
}

TEST_F(ResumeTest, LetsOneWriterInAtATime) {
  {
    const auto writer = store_->Resume(sha256_, content_.size(), 0);
    ASSERT_TRUE(writer.ok());
    EXPECT_TRUE(store_->ProgressOf(sha256_, content_.size())->is_being_written);
    EXPECT_TRUE(absl::IsUnavailable(store_->Resume(sha256_, content_.size(), 0).status()));
    EXPECT_TRUE(store_->Resume(Sha256Hex("other"), 5, 0).ok());
  }
  EXPECT_FALSE(store_->ProgressOf(sha256_, content_.size())->is_being_written);
  EXPECT_TRUE(store_->Resume(sha256_, content_.size(), 0).ok());
}

TEST_F(ResumeTest, KeepsNothingThatHasAnotherDigest) {
  Write(0, "one tow ");
  auto writer = store_->Resume(sha256_, content_.size(), 8);
  ASSERT_TRUE((*writer)->Append("three").ok());
  EXPECT_TRUE(absl::IsDataLoss((*writer)->Finish()));
  EXPECT_EQ(Kept(), 0u);
  EXPECT_EQ(Files(), 0);
}

TEST_F(ResumeTest, KeepsWhatHasComeWhenTheRestIsMissing) {
  auto writer = store_->Resume(sha256_, content_.size(), 0);
  ASSERT_TRUE((*writer)->Append("one ").ok());
  EXPECT_TRUE(absl::IsDataLoss((*writer)->Finish()));
  EXPECT_EQ(Kept(), 4u);
}

TEST_F(ResumeTest, ForgetsAfterAWeek) {
  Write(0, "one ");
  Open();
  EXPECT_EQ(Kept(), 4u);
  const std::string partial =
      folder_ / "blobs/" + sha256_.substr(0, 2) + "/" + sha256_ + ".partial";
  std::filesystem::last_write_time(
      partial, std::filesystem::file_time_type::clock::now() - std::chrono::hours(8 * 24));
  Open();
  EXPECT_EQ(Kept(), 0u);
}

TEST_F(ResumeTest, LetsNothingButADigestReachAPath) {
  EXPECT_TRUE(absl::IsInvalidArgument(store_->Resume("../x", 1, 0).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(store_->ProgressOf("../x", 1).status()));
}

}  // namespace
}  // namespace outerloop::coordinator
