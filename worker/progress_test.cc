#include "worker/progress.h"

#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

TEST(ProgressTest, IsIdleAtFirst) {
  const Progress progress;
  EXPECT_EQ(progress.Snapshot().phase(), v1::Heartbeat::IDLE);
  EXPECT_EQ(progress.Snapshot().progress(), 0u);
}

TEST(ProgressTest, SaysPhaseAndStepAndCountsBothPhasesAndPieces) {
  Progress progress;
  progress.Enter(v1::Heartbeat::ADAPT, 7);
  progress.Tick();
  progress.Tick();
  const v1::Heartbeat heartbeat = progress.Snapshot();
  EXPECT_EQ(heartbeat.phase(), v1::Heartbeat::ADAPT);
  EXPECT_EQ(heartbeat.step(), 7u);
  EXPECT_EQ(heartbeat.progress(), 3u);
  progress.Enter(v1::Heartbeat::IDLE);
  EXPECT_EQ(progress.Snapshot().step(), 0u);
}

TEST(ProgressTest, TellsItsObserverOfEachPhaseWhenHeartbeatsSayItAlready) {
  std::vector<std::pair<Progress::Phase, uint64_t>> seen;
  Progress* self = nullptr;
  Progress progress([&](Progress::Phase phase, uint64_t step) {
    EXPECT_EQ(self->Snapshot().phase(), phase);
    seen.emplace_back(phase, step);
  });
  self = &progress;
  progress.Enter(v1::Heartbeat::ADAPT, 7);
  progress.Tick();
  progress.Enter(v1::Heartbeat::REDUCE, 7);
  EXPECT_EQ(seen, (std::vector<std::pair<Progress::Phase, uint64_t>>{{v1::Heartbeat::ADAPT, 7},
                                                                     {v1::Heartbeat::REDUCE, 7}}));
}

TEST(ProgressTest, LosesNothingOfSeveralThreads) {
  Progress progress;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&progress] {
      for (int tick = 0; tick < 1'000; ++tick) progress.Tick();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(progress.Snapshot().progress(), 4'000u);
}

}  // namespace
}  // namespace outerloop::worker
