// Kills a process while it commits, again and again over the same database.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <thread>

#include "common/test_folder.h"
#include "coordinator/store/store.h"
#include "coordinator/store/store_test_records.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

constexpr int kKills = 20;
constexpr uint64_t kStepsABatch = 3;
constexpr size_t kAllSteps = size_t{1} << 40;

// Batch n: the job at step n * kStepsABatch, that many metrics, and a checkpoint.
Store::Batch MakeBatch(uint64_t n) {
  Store::Batch batch;
  JobRecord job = MakeJob("job-1");
  job.step = n * kStepsABatch;
  batch.Put(job);
  for (uint64_t step = job.step - kStepsABatch + 1; step <= job.step; ++step) {
    batch.Put(job.job_id, MakeMetrics(step));
  }
  batch.Put(MakeCheckpoint(job.job_id, job.step));
  return batch;
}

// Commits batches after number `last` until killed; writes the number of each to `fd` when it has
// been acknowledged.
[[noreturn]] void CommitUntilKilled(const std::string& path, uint64_t last, int fd) {
  const auto store = Store::Open(path);
  if (!store.ok()) _exit(1);
  for (uint64_t n = last + 1;; ++n) {
    if (!(*store)->Commit(MakeBatch(n)).ok()) _exit(2);
    if (write(fd, &n, sizeof(n)) != sizeof(n)) _exit(3);
  }
}

// Lets a child commit at least `batches` batches and `more` microseconds longer, and kills it. The
// number of the last batch that was acknowledged; 0 if it ended by itself.
uint64_t CommitAndKill(const std::string& path, uint64_t last, int batches,
                       std::chrono::microseconds more) {
  std::array<int, 2> fds{};
  if (pipe(fds.data()) != 0) return 0;
  const pid_t child = fork();
  if (child == 0) CommitUntilKilled(path, last, fds[1]);
  close(fds[1]);
  uint64_t acknowledged = 0;
  for (int i = 0; i < batches; ++i) {
    if (read(fds[0], &acknowledged, sizeof(acknowledged)) != sizeof(acknowledged)) break;
  }
  std::this_thread::sleep_for(more);  // Any length will do: this picks the moment of the kill.
  kill(child, SIGKILL);
  while (read(fds[0], &acknowledged, sizeof(acknowledged)) == sizeof(acknowledged)) {
  }
  close(fds[0]);
  int state = 0;
  waitpid(child, &state, 0);
  return WIFSIGNALED(state) ? acknowledged : 0;
}

// The number of the last batch in the store, after checking that all of it and all before it is
// there and nothing else.
uint64_t CheckWhole(const std::string& path) {
  const auto store = Store::Open(path);
  EXPECT_TRUE(store.ok()) << store.status();
  const auto jobs = (*store)->Jobs();
  EXPECT_EQ(jobs->size(), 1);
  const uint64_t n = jobs->front().step / kStepsABatch;
  const auto steps = (*store)->Steps("job-1", 0, kAllSteps);
  EXPECT_EQ(steps->size(), n * kStepsABatch);
  for (size_t i = 0; i < steps->size(); ++i) EXPECT_EQ(steps->at(i).step(), i + 1);
  const auto checkpoints = (*store)->Checkpoints("job-1");
  EXPECT_EQ(checkpoints->size(), n);
  for (size_t i = 0; i < checkpoints->size(); ++i) {
    EXPECT_EQ(checkpoints->at(i).step, (i + 1) * kStepsABatch);
  }
  return n;
}

TEST(StoreKillTest, EverythingAcknowledgedIsThereAndNothingHalf) {
  const TestFolder folder;
  const std::string path = folder / "outerloop.db";
  std::mt19937 random(20260101);
  uint64_t stored = 0;
  for (int i = 0; i < kKills; ++i) {
    const int batches = 1 + static_cast<int>(random() % 20);
    const uint64_t acknowledged =
        CommitAndKill(path, stored, batches, std::chrono::microseconds(random() % 3000));
    ASSERT_GE(acknowledged, stored + batches);
    stored = CheckWhole(path);
    ASSERT_GE(stored, acknowledged);
    ASSERT_LE(stored, acknowledged + 1);
  }
}

}  // namespace
}  // namespace outerloop::coordinator
