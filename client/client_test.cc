#include "client/client.h"

#include <filesystem>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "client/testing/fake_coordinator.h"
#include "common/atomic_file.h"
#include "common/sha256.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kIgnoreBytes = [](uint64_t, uint64_t) {};

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

class ClientTest : public testing::Test {
 protected:
  // A client whose retries do not make a test wait.
  Client MakeClient(ClientOptions options = {}) {
    options.backoff = {.initial = absl::Milliseconds(1), .maximum = absl::Milliseconds(2)};
    return Client(std::make_unique<Connection>(coordinator_.InProcessChannel(), "fake:1", options));
  }

  void AddJob(v1::JobState state, uint64_t step) {
    v1::Job job;
    job.set_job_id("job-1");
    job.mutable_spec()->set_name("my-job");
    job.set_state(state);
    job.set_step(step);
    coordinator_.AddJob(job);
  }

  std::string TempPath(const std::string& name) {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    return testing::TempDir() + "client_test-" + test->name() + "-" + name;
  }

  FakeCoordinator coordinator_;
};

TEST_F(ClientTest, SubmitsOnceThoughAnswersAreLost) {
  coordinator_.LoseNextAnswers(3);
  Client client = MakeClient();
  const auto job = client.SubmitJob(v1::JobSpec());
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(coordinator_.jobs(), 1);
  const auto ids = coordinator_.request_ids();
  EXPECT_THAT(ids, SizeIs(4));
  EXPECT_THAT(std::set<std::string>(ids.begin(), ids.end()), SizeIs(1));
}

TEST_F(ClientTest, GivesEverySubmissionAnIdOfItsOwn) {
  Client client = MakeClient();
  ASSERT_TRUE(client.SubmitJob(v1::JobSpec()).ok());
  ASSERT_TRUE(client.SubmitJob(v1::JobSpec()).ok());
  EXPECT_EQ(coordinator_.jobs(), 2);
}

TEST_F(ClientTest, RetriesReadsWhileTheCoordinatorIsAway) {
  AddJob(v1::QUEUED, 0);
  coordinator_.FailNext(5);
  int retries = 0;
  Client client = MakeClient({.on_retry = [&](const absl::Status&) { ++retries; }});
  const auto jobs = client.ListJobs();
  ASSERT_TRUE(jobs.ok()) << jobs.status();
  EXPECT_THAT(*jobs, SizeIs(1));
  EXPECT_EQ(retries, 5);
}

TEST_F(ClientTest, GivesUpWithTheAddressAndWhatToDo) {
  coordinator_.FailNext(1);
  Client client = MakeClient({.retry_for = absl::ZeroDuration()});
  const absl::Status status = client.ListWorkers().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(MessageOf(status), HasSubstr("fake:1"));
  EXPECT_THAT(MessageOf(status), HasSubstr("outerloop up"));
}

TEST_F(ClientTest, PassesOtherErrorsOnAtOnce) {
  Client client = MakeClient();
  const absl::Status status = client.GetJob("nobody").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(MessageOf(status), "no job 'nobody'");
}

TEST_F(ClientTest, SaysWhatToDoWhenNothingListens) {
  const auto client = Client::Create("localhost:1", {.connect_timeout = absl::Milliseconds(50)});
  EXPECT_EQ(client.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(MessageOf(client.status()),
            "no coordinator answers at localhost:1; start one with `outerloop up`, or give "
            "--address HOST:PORT");
}

TEST_F(ClientTest, RefusesOptionsOutOfRange) {
  EXPECT_EQ(Client::Create("localhost:1", {.call_timeout = absl::ZeroDuration()}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ClientTest, WatchesOverBrokenStreamsWithoutGapOrRepeat) {
  AddJob(v1::SUCCEEDED, 10);
  coordinator_.BreakStreamsAfter({3, 0, 0, 4, 1});
  coordinator_.RepeatSteps(2);
  Client client = MakeClient();
  std::vector<uint64_t> steps;
  const auto job = client.WatchJob("my-job", 0, [&](const v1::WatchJobResponse& update) {
    for (const v1::StepMetrics& step : update.steps()) steps.push_back(step.step());
  });
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->state(), v1::SUCCEEDED);
  EXPECT_THAT(steps, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_THAT(coordinator_.watched_after(), ElementsAre(0, 3, 3, 3, 5, 5));
}

TEST_F(ClientTest, ListsTheStepsOfARunningJobWithoutWaitingForMore) {
  AddJob(v1::RUNNING, 5);
  coordinator_.BreakStreamsAfter({2});
  const auto steps = MakeClient().ListSteps("my-job");
  ASSERT_TRUE(steps.ok()) << steps.status();
  ASSERT_EQ(steps->size(), 5u);
  EXPECT_EQ(steps->front().step(), 1u);
  EXPECT_EQ(steps->back().step(), 5u);
}

TEST_F(ClientTest, ListsNoStepsOfAJobThatHasNone) {
  AddJob(v1::QUEUED, 0);
  const auto steps = MakeClient().ListSteps("my-job");
  ASSERT_TRUE(steps.ok()) << steps.status();
  EXPECT_TRUE(steps->empty());
  EXPECT_EQ(MakeClient().ListSteps("nobody").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ClientTest, WatchesEventsOverBrokenStreamsWithoutGapOrRepeat) {
  AddJob(v1::SUCCEEDED, 0);
  for (uint64_t number = 1; number <= 6; ++number) {
    v1::JobEvent event;
    event.set_number(number);
    coordinator_.AddEvent(event);
  }
  coordinator_.BreakStreamsAfter({2, 0, 1});
  Client client = MakeClient();
  std::vector<uint64_t> numbers;
  const auto add = [&](const v1::JobEvent& event) { numbers.push_back(event.number()); };
  ASSERT_TRUE(client.WatchEvents("my-job", /*after_number=*/1, add).ok());
  EXPECT_THAT(numbers, ElementsAre(2, 3, 4, 5, 6));
  EXPECT_THAT(*client.ListEvents("my-job"), SizeIs(6)) << "of several pages";
  EXPECT_TRUE(absl::IsNotFound(client.ListEvents("other").status()));
}

TEST_F(ClientTest, KeepsWatchingTheSameJobWhenItsNameIsTakenAgain) {
  AddJob(v1::SUCCEEDED, 2);
  coordinator_.BreakStreamsAfter({1});
  Client client = MakeClient();
  bool first = true;
  const auto job = client.WatchJob("my-job", 0, [&](const v1::WatchJobResponse&) {
    if (!std::exchange(first, false)) return;
    v1::Job newer;
    newer.set_job_id("job-2");
    newer.mutable_spec()->set_name("my-job");
    newer.set_state(v1::FAILED);
    coordinator_.AddJob(newer);
  });
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->job_id(), "job-1");
}

TEST_F(ClientTest, TakesUpAStreamWhoseTimeIsOver) {
  AddJob(v1::RUNNING, 1);
  std::stop_source stop;
  Client client = MakeClient({.stream_timeout = absl::Milliseconds(20),
                              .retry_for = absl::Seconds(60),
                              .stop = stop.get_token()});
  int updates = 0;
  const auto job = client.WatchJob("job-1", 0, [&](const v1::WatchJobResponse&) {
    if (++updates == 5) stop.request_stop();
  });
  EXPECT_EQ(job.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(updates, 5);
}

TEST_F(ClientTest, CountsTheTimeAwayAnewAfterEachAnswer) {
  AddJob(v1::SUCCEEDED, 10);
  coordinator_.BreakStreamsAfter(std::vector<int>(9, 1));
  Client client = MakeClient({.retry_for = absl::Milliseconds(100)});
  // Streams break for longer than `retry_for` in all, though never without an answer.
  const auto job = client.WatchJob(
      "job-1", 0, [](const v1::WatchJobResponse&) { absl::SleepFor(absl::Milliseconds(25)); });
  EXPECT_TRUE(job.ok()) << job.status();
}

TEST_F(ClientTest, StopsAWatchThatWouldGoOn) {
  AddJob(v1::RUNNING, 1);
  std::stop_source stop;
  Client client = MakeClient({.stop = stop.get_token()});
  const auto job = client.WatchJob("job-1", 0, [&](const v1::WatchJobResponse& update) {
    if (update.steps().empty()) stop.request_stop();
  });
  EXPECT_EQ(job.status().code(), absl::StatusCode::kCancelled);
}

TEST_F(ClientTest, StopsWhileItWaitsToTryAgain) {
  std::stop_source stop;
  ClientOptions options{.retry_for = absl::InfiniteDuration(), .stop = stop.get_token()};
  options.on_retry = [&](const absl::Status&) { stop.request_stop(); };
  coordinator_.FailNext(1000000);
  Client client = MakeClient(options);
  EXPECT_EQ(client.ListJobs().status().code(), absl::StatusCode::kCancelled);
}

TEST_F(ClientTest, WatchesASweepOverBrokenStreamsToItsEnd) {
  v1::Sweep sweep;
  sweep.set_sweep_id("sweep-1");
  for (uint64_t step = 0; step < 5; ++step) {
    sweep.set_state(step < 4 ? v1::SWEEP_RUNNING : v1::SWEEP_SUCCEEDED);
    sweep.clear_trials();
    sweep.add_trials()->set_step(step);
    coordinator_.AddSweepView(sweep);
  }
  coordinator_.BreakStreamsAfter({2, 0, 1});
  std::vector<uint64_t> seen;
  const auto ended = MakeClient().WatchSweep(
      "rates", [&](const v1::Sweep& now) { seen.push_back(now.trials(0).step()); });
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->state(), v1::SWEEP_SUCCEEDED);
  EXPECT_THAT(seen, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(coordinator_.watched_sweeps(), ElementsAre("rates", "sweep-1", "sweep-1", "sweep-1"));
}

TEST_F(ClientTest, DeletesASweepUnderOneRequestId) {
  v1::Sweep sweep;
  sweep.set_sweep_id("sweep-1");
  coordinator_.AddSweepView(sweep);
  coordinator_.LoseNextAnswers(1);
  EXPECT_EQ(*MakeClient().DeleteSweep("rates", /*jobs=*/true), "sweep-1");
  EXPECT_TRUE(coordinator_.last_sweep_deletion().jobs());
  EXPECT_EQ(coordinator_.last_sweep_deletion().sweep_id(), "rates");
  const std::vector<std::string> ids = coordinator_.request_ids();
  ASSERT_THAT(ids, SizeIs(2));
  EXPECT_EQ(ids[0], ids[1]);
}

TEST_F(ClientTest, EvaluatesUnderOneRequestIdOverBrokenStreams) {
  v1::Evaluation evaluation;
  evaluation.set_state(v1::EVALUATION_PENDING);
  coordinator_.AddEvaluation(evaluation);
  evaluation.set_state(v1::EVALUATION_DONE);
  evaluation.add_results()->set_mean(0.9);
  coordinator_.AddEvaluation(evaluation);
  coordinator_.BreakStreamsAfter({1, 0});
  Client client = MakeClient();
  const auto result =
      client.EvaluateJob("job-1", 7, v1::EvaluationSpec(), [](const v1::Evaluation&) {});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->results(0).mean(), 0.9);
  EXPECT_EQ(coordinator_.last_evaluation().step(), 7u);
  const auto ids = coordinator_.request_ids();
  EXPECT_THAT(ids, SizeIs(3));
  EXPECT_THAT(std::set<std::string>(ids.begin(), ids.end()), SizeIs(1));
}

TEST_F(ClientTest, PassesOnWhyAnEvaluationFailed) {
  v1::Evaluation evaluation;
  evaluation.set_state(v1::EVALUATION_FAILED);
  evaluation.set_reason("too few classes");
  coordinator_.AddEvaluation(evaluation);
  Client client = MakeClient();
  const auto result =
      client.EvaluateJob("job-1", std::nullopt, v1::EvaluationSpec(), [](const v1::Evaluation&) {});
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MessageOf(result.status()), "the evaluation failed: too few classes");
}

TEST_F(ClientTest, UploadsADataSetInChunksAndBeginsAnewWhenBroken) {
  const std::string content(5'000'000, 'x');
  const std::string path = TempPath("data");
  ASSERT_TRUE(WriteFileAtomically(path, content).ok());
  coordinator_.BreakStreamsAfter({2, 0});
  coordinator_.LoseNextAnswers(1);
  Client client = MakeClient();
  uint64_t last = 0;
  const auto dataset = client.ImportDataset("omniglot", path, [&](uint64_t done, uint64_t total) {
    EXPECT_LE(done, total);
    last = done;
  });
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->dataset.sha256(), Sha256Hex(content));
  EXPECT_EQ(last, content.size());
  EXPECT_EQ(coordinator_.uploads()["omniglot"], content);
}

TEST_F(ClientTest, SendsOnlyWhatTheCoordinatorLacks) {
  std::string content(5'000'000, 'x');
  content.replace(3'000'000, 5, "marks");
  const std::string path = TempPath("data");
  ASSERT_TRUE(WriteFileAtomically(path, content).ok());
  coordinator_.SetPartialUpload(Sha256Hex(content), content.substr(0, 2'999'999));
  Client client = MakeClient();
  std::vector<uint64_t> progress;
  const auto upload =
      client.ImportDataset("a", path, [&](uint64_t done, uint64_t) { progress.push_back(done); });
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(upload->sent_bytes, 2'000'001u);
  EXPECT_EQ(progress.front(), 2'999'999u);
  EXPECT_EQ(coordinator_.uploads()["a"], content);
}

TEST_F(ClientTest, GoesOnWhereItWasWhenTheStreamBreaks) {
  const std::string content(5'000'000, 'x');
  const std::string path = TempPath("data");
  ASSERT_TRUE(WriteFileAtomically(path, content).ok());
  coordinator_.BreakStreamsAfter({2, 1});
  Client client = MakeClient();
  int beginnings = 0;
  const auto upload = client.ImportDataset(
      "a", path, [&](uint64_t done, uint64_t) { beginnings += done == 0 ? 1 : 0; });
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(beginnings, 1);
  EXPECT_EQ(coordinator_.uploads()["a"], content);
}

TEST_F(ClientTest, BeginsAnewWhenWhatTheCoordinatorKeptIsDamaged) {
  const std::string content(5'000'000, 'x');
  const std::string path = TempPath("data");
  ASSERT_TRUE(WriteFileAtomically(path, content).ok());
  coordinator_.SetPartialUpload(Sha256Hex(content), std::string(1'000'000, 'y'));
  Client client = MakeClient();
  const auto upload = client.ImportDataset("a", path, kIgnoreBytes);
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(upload->sent_bytes, 4'000'000u + content.size());
}

TEST_F(ClientTest, WaitsWhileSomebodyElseSendsTheSameFile) {
  const std::string path = TempPath("data");
  ASSERT_TRUE(WriteFileAtomically(path, "content").ok());
  coordinator_.SayUploadsAreBusy(3);
  Client client = MakeClient();
  const auto upload = client.ImportDataset("a", path, kIgnoreBytes);
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(coordinator_.uploads()["a"], "content");
}

TEST_F(ClientTest, RemovesADataSetThoughTheAnswerIsLost) {
  const std::string path = TempPath("data");
  ASSERT_TRUE(WriteFileAtomically(path, "content").ok());
  Client client = MakeClient();
  ASSERT_TRUE(client.ImportDataset("a", path, kIgnoreBytes).ok());
  coordinator_.LoseNextAnswers(1);
  EXPECT_TRUE(client.RemoveDataset("a").ok());
  EXPECT_TRUE(coordinator_.uploads().empty());
  EXPECT_TRUE(absl::IsNotFound(client.RemoveDataset("a")));
}

TEST_F(ClientTest, SaysWhenANameStandsForAnotherContent) {
  const std::string path = TempPath("data");
  Client client = MakeClient();
  ASSERT_TRUE(WriteFileAtomically(path, "one").ok());
  ASSERT_TRUE(client.ImportDataset("a", path, kIgnoreBytes).ok());
  ASSERT_TRUE(WriteFileAtomically(path, "two").ok());
  const absl::Status status = client.ImportDataset("a", path, kIgnoreBytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(ClientTest, SaysWhenTheFileToUploadIsMissing) {
  Client client = MakeClient();
  const absl::Status status = client.ImportDataset("a", TempPath("none"), kIgnoreBytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
}

class DownloadTest : public ClientTest {
 protected:
  void SetUp() override {
    artifact_.set_job_id("job-1");
    artifact_.set_step(500);
    artifact_.set_size_bytes(content_.size());
    artifact_.set_sha256(Sha256Hex(content_));
    coordinator_.SetArtifact(artifact_, content_);
    std::filesystem::remove(path_);
  }

  const std::string content_ = std::string(4500, 'c');
  const std::string path_ = TempPath("checkpoint");
  v1::Artifact artifact_;
};

TEST_F(DownloadTest, WritesTheWholeFile) {
  coordinator_.BreakStreamsAfter({2, 0});
  Client client = MakeClient();
  const auto artifact = client.DownloadArtifact("my-job", std::nullopt, path_, kIgnoreBytes);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_EQ(artifact->step(), 500u);
  EXPECT_EQ(*ReadFile(path_), content_);
}

TEST_F(DownloadTest, WritesNothingIfTheDigestIsWrong) {
  std::string corrupt = content_;
  corrupt[1234] ^= 1;
  for (const std::string& content : {corrupt, content_.substr(1), content_ + "x"}) {
    coordinator_.SetArtifact(artifact_, content);
    Client client = MakeClient();
    const auto artifact = client.DownloadArtifact("my-job", std::nullopt, path_, kIgnoreBytes);
    EXPECT_EQ(artifact.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
}

TEST_F(DownloadTest, SaysWhenThereIsNoSuchStep) {
  Client client = MakeClient();
  EXPECT_EQ(client.DownloadArtifact("my-job", 3, path_, kIgnoreBytes).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(DownloadTest, SaysWhenTheFileCannotBeWritten) {
  Client client = MakeClient();
  const auto artifact =
      client.DownloadArtifact("my-job", std::nullopt, "/proc/none/file", kIgnoreBytes);
  EXPECT_FALSE(artifact.ok());
}

}  // namespace
}  // namespace outerloop::client
