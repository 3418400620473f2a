#include "worker/blob_cache.h"

#include <sys/wait.h>
#include <unistd.h>

#include <barrier>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/sha256.h"
#include "common/test_folder.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"

namespace outerloop::worker {
namespace {

class BlobCacheTest : public testing::Test {
 protected:
  // Gives `bytes` in two pieces and counts.
  BlobFetcher Fetcher(std::string bytes) {
    return [this, bytes](const std::string&, const ByteSink& sink) -> absl::Status {
      ++fetches_;
      if (absl::Status status = sink(std::string_view(bytes).substr(0, 2)); !status.ok()) {
        return status;
      }
      return sink(std::string_view(bytes).substr(2));
    };
  }
  static std::string Text(const MappedFile& file) {
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
  }
  std::string cached() const { return folder_ / sha256_; }

  const TestFolder folder_;
  const std::string sha256_ = Sha256Hex("hello world");
  prometheus::Registry registry_;
  WorkerMetrics metrics_{registry_};
  BlobCache cache_{folder_.path(), metrics_};
  int fetches_ = 0;
};

TEST_F(BlobCacheTest, FetchesABlobOnceAndKeepsIt) {
  for (int i = 0; i < 2; ++i) {
    const auto file = cache_.Get(sha256_, Fetcher("hello world"));
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(Text(**file), "hello world");
  }
  EXPECT_EQ(fetches_, 1);
  EXPECT_EQ(metrics_.cache_misses.Value(), 1);
  EXPECT_EQ(metrics_.cache_hits.Value(), 1);
}

TEST_F(BlobCacheTest, TakesAFileThatAnotherWorkerHasFetched) {
  BlobCache other(folder_.path(), metrics_);
  ASSERT_TRUE(other.Get(sha256_, Fetcher("hello world")).ok());
  const auto file = cache_.Get(sha256_, Fetcher("hello world"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(Text(**file), "hello world");
  EXPECT_EQ(fetches_, 1);
}

// Each replaces the file under the others' hands; all are given one.
TEST_F(BlobCacheTest, ManyWorkersFetchTheSameBlobAtOnce) {
  constexpr int kWorkers = 8;
  constexpr int kBlobs = 100;
  std::barrier together(kWorkers);
  std::vector<std::thread> workers;
  for (int w = 0; w < kWorkers; ++w) {
    workers.emplace_back([&] {
      BlobCache cache(folder_.path(), metrics_);
      for (int i = 0; i < kBlobs; ++i) {
        const std::string content = absl::StrCat("blob ", i);
        const BlobFetcher fetcher = [&](const std::string&, const ByteSink& sink) {
          return sink(content);
        };
        together.arrive_and_wait();
        const auto file = cache.Get(Sha256Hex(content), fetcher);
        EXPECT_TRUE(file.ok()) << file.status();
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
}

TEST_F(BlobCacheTest, FetchesADamagedFileAgain) {
  ASSERT_TRUE(WriteFileAtomically(cached(), "hello wOrld").ok());
  const auto file = cache_.Get(sha256_, Fetcher("hello world"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(Text(**file), "hello world");
  EXPECT_EQ(fetches_, 1);
}

TEST_F(BlobCacheTest, KeepsNothingOfABlobWithAnotherDigest) {
  const auto file = cache_.Get(sha256_, Fetcher("good bye"));
  EXPECT_TRUE(absl::IsDataLoss(file.status())) << file.status();
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(BlobCacheTest, KeepsNothingOfAFetchThatFails) {
  const auto broken = [](const std::string&, const ByteSink& sink) -> absl::Status {
    EXPECT_TRUE(sink("hello").ok());
    return absl::UnavailableError("lost");
  };
  EXPECT_TRUE(absl::IsUnavailable(cache_.Get(sha256_, broken).status()));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(BlobCacheTest, SurvivesAKillInTheMiddleOfAFetch) {
  const pid_t child = fork();
  if (child == 0) {
    const auto killed = [](const std::string&, const ByteSink& sink) -> absl::Status {
      if (!sink("hello").ok()) _exit(1);
      raise(SIGKILL);
      return absl::OkStatus();
    };
    cache_.Get(sha256_, killed).status().IgnoreError();
    _exit(1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_FALSE(std::filesystem::exists(cached()));
  const auto file = cache_.Get(sha256_, Fetcher("hello world"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(Text(**file), "hello world");
}

TEST_F(BlobCacheTest, LetsNothingButADigestReachAPath) {
  const auto file = cache_.Get("../secret", Fetcher("hello world"));
  EXPECT_TRUE(absl::IsInvalidArgument(file.status())) << file.status();
  EXPECT_EQ(fetches_, 0);
}

// With room for two of its files, of ten bytes each.
class LimitedBlobCacheTest : public BlobCacheTest {
 protected:
  static std::string Content(char letter) { return std::string(10, letter); }
  static std::string Digest(char letter) { return Sha256Hex(Content(letter)); }
  std::string Place(char letter) const { return folder_ / Digest(letter); }

  std::shared_ptr<const MappedFile> Get(BlobCache& cache, char letter) {
    auto file = cache.Get(Digest(letter), Fetcher(Content(letter)));
    EXPECT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(Text(**file), Content(letter));
    return *file;
  }
  // As if it had been used so long ago.
  void Age(char letter, int hours) {
    std::filesystem::last_write_time(
        Place(letter), std::filesystem::file_time_type::clock::now() - std::chrono::hours(hours));
  }
  // The letters of the files that are there.
  std::string Kept() const {
    std::string kept;
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      if (std::filesystem::exists(Place(letter))) kept += letter;
    }
    return kept;
  }

  BlobCache limited_{folder_.path(), metrics_, /*limit_bytes=*/25};
};

TEST_F(LimitedBlobCacheTest, RemovesWhatWasUsedLongestAgo) {
  Get(limited_, 'a');
  Get(limited_, 'b');
  Age('a', 2);
  Age('b', 1);
  Get(limited_, 'c');
  EXPECT_EQ(Kept(), "bc");
}

TEST_F(LimitedBlobCacheTest, CountsOpeningAsUse) {
  Get(limited_, 'a');
  Get(limited_, 'b');
  Age('a', 2);
  Age('b', 1);
  Get(limited_, 'a');
  Get(limited_, 'c');
  EXPECT_EQ(Kept(), "ac");
}

TEST_F(LimitedBlobCacheTest, NeverRemovesWhatIsInUse) {
  const auto a = Get(limited_, 'a');
  const auto b = Get(limited_, 'b');
  Age('a', 2);
  Get(limited_, 'c');
  Get(limited_, 'd');
  EXPECT_EQ(Kept(), "abd");
  EXPECT_EQ(Text(*a), Content('a'));
}

TEST_F(LimitedBlobCacheTest, NeverRemovesWhatAnotherWorkerUses) {
  BlobCache other(folder_.path(), metrics_, /*limit_bytes=*/25);
  auto used = Get(other, 'a');
  Age('a', 2);
  Get(limited_, 'b');
  Get(limited_, 'c');
  Get(limited_, 'd');
  EXPECT_EQ(Kept(), "ad");
  used = nullptr;
  Age('a', 2);
  Get(limited_, 'b');
  EXPECT_EQ(Kept(), "bd");
}

TEST_F(LimitedBlobCacheTest, FetchesAgainWhatWasRemoved) {
  Get(limited_, 'a');
  for (const char letter : {'b', 'c', 'd'}) Get(limited_, letter);
  EXPECT_EQ(Kept().find('a'), std::string::npos);
  Get(limited_, 'a');
  EXPECT_EQ(fetches_, 5);
}

TEST_F(LimitedBlobCacheTest, LeavesOtherFilesOfTheFolderAlone) {
  ASSERT_TRUE(WriteFileAtomically(folder_ / "mine.txt", std::string(100, 'x')).ok());
  for (const char letter : {'a', 'b', 'c'}) Get(limited_, letter);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "mine.txt"));
  EXPECT_EQ(Kept().size(), 2u);
}

TEST_F(BlobCacheTest, RemovesNothingWithoutALimit) {
  for (int i = 0; i < 50; ++i) {
    const std::string content = "content " + std::to_string(i);
    ASSERT_TRUE(cache_.Get(Sha256Hex(content), Fetcher(content)).ok());
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()),
                          std::filesystem::directory_iterator()),
            50);
}

}  // namespace
}  // namespace outerloop::worker
