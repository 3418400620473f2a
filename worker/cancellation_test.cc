#include "worker/cancellation.h"

#include <thread>

#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

TEST(CancellationTest, RunsCallbacksOnceWhenCancelled) {
  Cancellation cancellation;
  int calls = 0;
  const Cancellation::Callback callback(cancellation, [&calls] { ++calls; });
  EXPECT_FALSE(cancellation.cancelled());
  EXPECT_EQ(calls, 0);
  cancellation.Cancel();
  cancellation.Cancel();
  EXPECT_TRUE(cancellation.cancelled());
  EXPECT_EQ(calls, 1);
}

TEST(CancellationTest, RunsACallbackThatComesTooLateAtOnce) {
  Cancellation cancellation;
  cancellation.Cancel();
  int calls = 0;
  const Cancellation::Callback callback(cancellation, [&calls] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST(CancellationTest, ForgetsCallbacksThatAreGone) {
  Cancellation cancellation;
  int calls = 0;
  {
    const Cancellation::Callback callback(cancellation, [&calls] { ++calls; });
  }
  cancellation.Cancel();
  EXPECT_EQ(calls, 0);
}

TEST(CancellationTest, EndsAWaitFromAnotherThread) {
  Cancellation cancellation;
  std::thread canceller([&cancellation] { cancellation.Cancel(); });
  EXPECT_TRUE(cancellation.WaitFor(absl::InfiniteDuration()));
  canceller.join();
  Cancellation never;
  EXPECT_FALSE(never.WaitFor(absl::ZeroDuration()));
}

}  // namespace
}  // namespace outerloop::worker
