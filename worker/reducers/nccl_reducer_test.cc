#include "worker/reducers/nccl_reducer.h"

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/reducers/nccl_fake_api.h"

namespace outerloop::worker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Words = std::vector<int64_t>;

// Far beyond what any of this takes.
absl::Time Later() { return absl::Now() + absl::Seconds(60); }

// Soon enough for a test of what never ends, which fails in the same way if it has not even begun.
absl::Time Soon() { return absl::Now() + absl::Milliseconds(1); }

// The workers of a cluster, and the groups that they form: a new set of reducers each time.
class NcclReducerTest : public testing::Test {
 protected:
  NcclReducerTest() { options_.close_timeout = absl::InfiniteDuration(); }
  ~NcclReducerTest() override {
    EndGroup();
    workers_.clear();
    world_->WaitUntilEmpty();
    EXPECT_THAT(world_->violations(), IsEmpty());
  }

  void AddWorkers(int count) {
    for (int i = 0; i < count; ++i) workers_.push_back(std::make_shared<FakeNccl>(world_));
  }

  // A reducer for every worker, by rank.
  void MakeGroup() {
    EndGroup();
    options_.size = static_cast<int>(workers_.size());
    options_.give_up = [this](const std::string& reason) {
      absl::MutexLock lock(&mu_);
      reasons_.push_back(reason);
    };
    for (options_.rank = 0; options_.rank < options_.size; ++options_.rank) {
      reducers_.push_back(std::make_unique<NcclReducer>(workers_[options_.rank], options_));
    }
  }

  // All at the same time, as processes do.
  void EndGroup() {
    ForAll([this](int rank) {
      reducers_[rank].reset();
      return absl::OkStatus();
    });
    reducers_.clear();
  }

  std::vector<std::string> Endpoints() const {
    std::vector<std::string> endpoints;
    for (const auto& reducer : reducers_) endpoints.push_back(reducer->endpoint());
    return endpoints;
  }

  // Does `act` for every rank, each in a thread of its own; their results by rank.
  std::vector<absl::Status> ForAll(const std::function<absl::Status(int rank)>& act) {
    std::vector<absl::Status> results(reducers_.size());
    std::vector<std::thread> threads;
    for (size_t rank = 0; rank < reducers_.size(); ++rank) {
      threads.emplace_back([&, rank] { results[rank] = act(static_cast<int>(rank)); });
    }
    for (std::thread& thread : threads) thread.join();
    return results;
  }

  void ConnectAll() {
    const std::vector<std::string> endpoints = Endpoints();
    for (const absl::Status& status :
         ForAll([&](int rank) { return reducers_[rank]->Connect(endpoints, Later()); })) {
      ASSERT_TRUE(status.ok()) << status;
    }
  }

  // A group of so many workers that is connected.
  void StartGroup(int size) {
    AddWorkers(size);
    MakeGroup();
    ConnectAll();
  }

  std::vector<std::string> reasons() const {
    absl::MutexLock lock(&mu_);
    return reasons_;
  }

  const std::shared_ptr<FakeNcclWorld> world_ = std::make_shared<FakeNcclWorld>();
  NcclOptions options_;
  std::vector<std::shared_ptr<FakeNccl>> workers_;
  std::vector<std::unique_ptr<NcclReducer>> reducers_;

 private:
  mutable absl::Mutex mu_;
  std::vector<std::string> reasons_ ABSL_GUARDED_BY(mu_);  // Of giving up.
};

int64_t AddWrapping(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

// ---- Sums

TEST_F(NcclReducerTest, SumsAsPlainAdditionDoes) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const auto words_of = [](int rank, int length) {
    Words words(length);
    for (int i = 0; i < length; ++i)
      words[i] = (i % 3 == 0 ? kMax : int64_t{-i} * 1'000'003) - rank;
    return words;
  };
  StartGroup(3);
  for (const int length : {1, 1000, 7, 0, 4096}) {  // Growing and shrinking.
    Words expected(length);
    for (int rank = 0; rank < 3; ++rank) {
      const Words words = words_of(rank, length);
      for (int i = 0; i < length; ++i) expected[i] = AddWrapping(expected[i], words[i]);
    }
    const auto results = ForAll([&](int rank) {
      Words words = words_of(rank, length);
      absl::Status status = reducers_[rank]->AllReduce(words, Later());
      EXPECT_EQ(words, expected) << "rank " << rank << ", " << length << " words";
      return status;
    });
    for (const absl::Status& status : results) EXPECT_TRUE(status.ok()) << status;
  }
}

TEST_F(NcclReducerTest, KeepsItsBuffersBetweenRounds) {
  StartGroup(1);
  for (const int length : {100, 100, 50, 100}) {
    Words words(length, 1);
    ASSERT_TRUE(reducers_[0]->AllReduce(words, Later()).ok());
  }
  EXPECT_EQ(workers_[0]->Calls("AllocateDevice"), 1);
  EXPECT_EQ(workers_[0]->Calls("AllocateHost"), 1);
}

TEST_F(NcclReducerTest, WantsToBeConnectedFirst) {
  AddWorkers(1);
  MakeGroup();
  Words words(1);
  EXPECT_EQ(reducers_[0]->AllReduce(words, Later()).code(), absl::StatusCode::kFailedPrecondition);
}

// ---- Generations

TEST_F(NcclReducerTest, GivesEachGenerationAFreshId) {
  AddWorkers(2);
  std::set<std::string> ids;
  for (int generation = 1; generation <= 3; ++generation) {
    MakeGroup();
    EXPECT_THAT(Endpoints(), ElementsAre(SizeIs(kNcclIdBytes), ""));
    ids.insert(Endpoints()[0]);
    EXPECT_THAT(ids, SizeIs(generation));
    ConnectAll();
  }
  EXPECT_THAT(world_->ids(), SizeIs(3));
}

TEST_F(NcclReducerTest, AbortsAfterACleanEndTooButFinalizesBefore) {
  StartGroup(3);
  EndGroup();
  for (const auto& worker : workers_) {
    EXPECT_EQ(worker->Calls("Finalize"), 1);
    EXPECT_EQ(worker->Calls("Abort"), 1);
  }
  EXPECT_THAT(reasons(), IsEmpty());
}

TEST_F(NcclReducerTest, DoesNotWaitLongForPeersAtACleanEnd) {
  options_.finalize_timeout = absl::Milliseconds(1);
  StartGroup(1);
  workers_[0]->Order(NcclFault::kFinalizeNeverEnds);
  reducers_[0].reset();
  EXPECT_EQ(workers_[0]->Calls("Abort"), 1);
  EXPECT_THAT(reasons(), IsEmpty());
}

TEST_F(NcclReducerTest, SurvivorsOfALostMemberAbortOnceAndFormANewGroup) {
  options_.finalize_timeout = absl::ZeroDuration();
  StartGroup(4);
  // Rank 2 gives nothing: as if killed. The others wait for it until they are told.
  const auto results = ForAll([&](int rank) {
    if (rank == 2) {
      for (const int survivor : {0, 1, 3}) {
        workers_[survivor]->WaitForCalls("QueryStream", 1);
        reducers_[survivor]->Abort();
      }
      return absl::OkStatus();
    }
    Words words(10);
    return reducers_[rank]->AllReduce(words, absl::InfiniteFuture());
  });
  for (const int rank : {0, 1, 3}) {
    EXPECT_EQ(results[rank].code(), absl::StatusCode::kAborted) << results[rank];
    // The reducers live: nobody had to ask for the abort.
    workers_[rank]->WaitForCalls("Abort", 1);
  }
  EndGroup();
  for (const int rank : {0, 1, 3}) {
    EXPECT_EQ(workers_[rank]->Calls("Abort"), 1);
    EXPECT_EQ(workers_[rank]->Calls("Finalize"), 0);
  }

  workers_.erase(workers_.begin() + 2);
  MakeGroup();
  ConnectAll();
  const auto sums = ForAll([&](int rank) {
    Words words = {1, rank};
    absl::Status status = reducers_[rank]->AllReduce(words, Later());
    EXPECT_THAT(words, ElementsAre(3, 3));
    return status;
  });
  for (const absl::Status& status : sums) EXPECT_TRUE(status.ok()) << status;
}

// ---- Failures

struct Failure {
  NcclFault fault;
  absl::StatusCode code;
  bool hangs = false;  // Ends at the deadline.
};

TEST_F(NcclReducerTest, ConnectFailsAsDocumented) {
  const Failure failures[] = {
      {NcclFault::kNoDevice, absl::StatusCode::kUnavailable},
      {NcclFault::kInitFails, absl::StatusCode::kUnavailable},
      {NcclFault::kRemoteError, absl::StatusCode::kUnavailable},
      {NcclFault::kInitNeverEnds, absl::StatusCode::kDeadlineExceeded, /*hangs=*/true},
  };
  AddWorkers(2);
  for (const Failure& failure : failures) {
    SCOPED_TRACE(static_cast<int>(failure.fault));
    const int aborts = workers_[1]->Calls("Abort");
    workers_[1]->Order(failure.fault);
    MakeGroup();
    const absl::Time deadline = failure.hangs ? Soon() : Later();
    const absl::Status status = reducers_[1]->Connect(Endpoints(), deadline);
    EXPECT_EQ(status.code(), failure.code) << status;
    EXPECT_EQ(reducers_[1]->Connect(Endpoints(), Later()), status) << "it is dead";
    EndGroup();
    workers_[1]->Lift(failure.fault);
    const bool connected = failure.fault != NcclFault::kNoDevice;
    EXPECT_LE(workers_[1]->Calls("Abort") - aborts, connected ? 1 : 0);
  }
  EXPECT_THAT(reasons(), IsEmpty());
}

TEST_F(NcclReducerTest, AllReduceFailsAsDocumented) {
  const Failure failures[] = {
      {NcclFault::kAllocateFails, absl::StatusCode::kUnavailable},
      {NcclFault::kAllReduceFails, absl::StatusCode::kUnavailable},
      {NcclFault::kRemoteError, absl::StatusCode::kUnavailable},
      {NcclFault::kStreamFails, absl::StatusCode::kUnavailable},
      {NcclFault::kEnqueueNeverEnds, absl::StatusCode::kDeadlineExceeded, /*hangs=*/true},
      {NcclFault::kSumNeverEnds, absl::StatusCode::kDeadlineExceeded, /*hangs=*/true},
  };
  AddWorkers(1);
  for (const Failure& failure : failures) {
    SCOPED_TRACE(static_cast<int>(failure.fault));
    const int aborts = workers_[0]->Calls("Abort");
    MakeGroup();
    ConnectAll();
    workers_[0]->Order(failure.fault);
    Words words(5);
    const absl::Time deadline = failure.hangs ? Soon() : Later();
    const absl::Status status = reducers_[0]->AllReduce(words, deadline);
    EXPECT_EQ(status.code(), failure.code) << status;
    EXPECT_EQ(reducers_[0]->AllReduce(words, Later()), status) << "it is dead";
    EndGroup();
    workers_[0]->Lift(failure.fault);
    EXPECT_EQ(workers_[0]->Calls("Abort"), aborts + 1);
    EXPECT_EQ(workers_[0]->Calls("Finalize"), 0);
  }
  EXPECT_THAT(reasons(), IsEmpty());
}

TEST_F(NcclReducerTest, LearnsOfALostPeerWhileItsSumRuns) {
  StartGroup(1);
  workers_[0]->Order(NcclFault::kSumNeverEnds);
  absl::Status status;
  std::thread member([&] {
    Words words(1);
    status = reducers_[0]->AllReduce(words, absl::InfiniteFuture());
  });
  workers_[0]->WaitForCalls("QueryStream", 1);
  workers_[0]->Order(NcclFault::kRemoteError);
  member.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
}

TEST_F(NcclReducerTest, ConnectRefusesEndpointsWithoutAnId) {
  AddWorkers(2);
  for (const std::vector<std::string>& endpoints : {std::vector<std::string>{},
                                                    {""},
                                                    {"", ""},
                                                    {"short", ""},
                                                    {std::string(kNcclIdBytes, 'x'), "", ""}}) {
    MakeGroup();
    const absl::Status status = reducers_[1]->Connect(endpoints, Later());
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(status.message()), HasSubstr("no NCCL id"));
  }
}

TEST_F(NcclReducerTest, RankZeroWithoutADeviceHasNoEndpointAndSaysWhyWhenConnecting) {
  AddWorkers(1);
  workers_[0]->Order(NcclFault::kNoDevice);
  MakeGroup();
  EXPECT_EQ(reducers_[0]->endpoint(), "");
  const absl::Status status = reducers_[0]->Connect(Endpoints(), Later());
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("UseDevice failed"));
}

// ---- Abort from another thread

TEST_F(NcclReducerTest, AbortCutsConnectShort) {
  AddWorkers(2);
  MakeGroup();
  absl::Status status;
  std::thread member([&] {
    status = reducers_[1]->Connect(Endpoints(), absl::InfiniteFuture());  // Rank 0 never comes.
  });
  workers_[1]->WaitForCalls("Error", 1);
  reducers_[1]->Abort();
  member.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  workers_[1]->WaitForCalls("Abort", 1);
}

TEST_F(NcclReducerTest, AbortBeforeConnectOrBetweenRoundsIsKept) {
  StartGroup(1);
  reducers_[0]->Abort();
  reducers_[0]->Abort();
  for (Words words : {Words(1), Words()}) {
    EXPECT_EQ(reducers_[0]->AllReduce(words, Later()).code(), absl::StatusCode::kAborted);
  }
  EndGroup();
  EXPECT_EQ(workers_[0]->Calls("Abort"), 1);

  MakeGroup();
  reducers_[0]->Abort();
  EXPECT_EQ(reducers_[0]->Connect(Endpoints(), Later()).code(), absl::StatusCode::kAborted);
  EndGroup();
  EXPECT_EQ(workers_[0]->Calls("Abort"), 1) << "there was nothing to abort";
}

TEST_F(NcclReducerTest, AbortDoesNotWaitForTheCommunicatorsEnd) {
  StartGroup(1);
  workers_[0]->Order(NcclFault::kAbortHangs);
  reducers_[0]->Abort();
  Words words(1);
  EXPECT_EQ(reducers_[0]->AllReduce(words, Later()).code(), absl::StatusCode::kAborted);
  workers_[0]->WaitForCalls("Abort", 1);
  workers_[0]->Lift(NcclFault::kAbortHangs);
}

// ---- Giving up

TEST_F(NcclReducerTest, WaitsForALateAbort) {
  StartGroup(1);
  workers_[0]->Order(NcclFault::kAbortHangs);
  std::thread owner([&] { EndGroup(); });
  workers_[0]->WaitForCalls("Abort", 1);
  workers_[0]->Lift(NcclFault::kAbortHangs);
  owner.join();
  EXPECT_THAT(reasons(), IsEmpty());
}

TEST_F(NcclReducerTest, GivesUpOnAnAbortThatDoesNotReturn) {
  options_.close_timeout = absl::Milliseconds(1);
  StartGroup(1);
  workers_[0]->Order(NcclFault::kAbortHangs);
  reducers_[0]->Abort();
  EndGroup();  // Returns, for this give_up does.
  EXPECT_THAT(reasons(), ElementsAre(HasSubstr("rank 0: the communicator did not end in 1ms")));
  workers_[0]->Lift(NcclFault::kAbortHangs);
}

TEST_F(NcclReducerTest, GivesUpOnACallThatDoesNotReturnAgainstItsPromise) {
  options_.close_timeout = absl::Milliseconds(1);
  AddWorkers(1);
  workers_[0]->Order(NcclFault::kInitCallHangs);
  MakeGroup();
  std::thread member([&] {
    const absl::Status status = reducers_[0]->Connect(Endpoints(), absl::InfiniteFuture());
    EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  });
  workers_[0]->WaitForCalls("InitRank", 1);
  reducers_[0]->Abort();
  member.join();
  EndGroup();
  EXPECT_THAT(reasons(), ElementsAre(HasSubstr("did not end")));
  workers_[0]->Lift(NcclFault::kInitCallHangs);
  workers_[0]->WaitForCalls("Abort", 1);  // Late, but in order.
}

TEST_F(NcclReducerTest, GivesUpOnAGpuThatCannotBeFreed) {
  StartGroup(1);
  Words words(1);
  ASSERT_TRUE(reducers_[0]->AllReduce(words, Later()).ok());
  workers_[0]->Order(NcclFault::kFreeFails);
  EndGroup();
  EXPECT_THAT(reasons(), ElementsAre(HasSubstr("the GPU is unfit for use")));
}

}  // namespace
}  // namespace outerloop::worker
