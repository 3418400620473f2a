#include "worker/testing/test_worker.h"

#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

constexpr BackoffOptions kImpatient = {.initial = absl::Milliseconds(1),
                                       .maximum = absl::Milliseconds(10)};

}  // namespace

TestWorker::TestWorker(FakeCoordinator& coordinator, absl::Duration reduce_timeout)
    : pool_(2, ComputeOnThisThreadAlone, [this] { progress_.Tick(); }),
      cache_(folder_.path(), metrics_),
      channel_(coordinator.NewChannel()),
      files_(channel_, progress_),
      trainers_(files_, cache_, Device(), pool_),
      session_(channel_, progress_, metrics_, {.backoff = kImpatient}),
      agent_(v1::Hello(), session_,
             {.files = files_,
              .trainers = trainers_,
              .make_reducer =
                  [this](v1::Reducer kind, const auto& header) {
                    return MakeReducer({.channel = channel_}, kind, header);
                  },
              .metrics = metrics_,
              .progress = progress_,
              .reduce_timeout = reduce_timeout},
             {.store_backoff = kImpatient}),
      thread_([this] { EXPECT_TRUE(agent_.Run().ok()); }) {}

TestWorker::~TestWorker() {
  agent_.Shutdown();
  agent_.Shutdown();
  WaitUntilEnded();
}

void TestWorker::WaitUntilEnded() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace outerloop::worker
