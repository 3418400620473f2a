#include "coordinator/store/store.h"

#include <sched.h>
#include <sys/mount.h>

#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/test_folder.h"
#include "coordinator/store/schema.h"
#include "coordinator/store/store_test_records.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

MATCHER_P(EqualsMessage, expected, "") {
  return google::protobuf::util::MessageDifferencer::Equals(arg, expected);
}

void ExpectEqual(const JobRecord& actual, const JobRecord& expected) {
  EXPECT_EQ(actual.job_id, expected.job_id);
  EXPECT_EQ(actual.request_id, expected.request_id);
  EXPECT_THAT(actual.spec, EqualsMessage(expected.spec));
  EXPECT_EQ(actual.dataset_sha256, expected.dataset_sha256);
  EXPECT_EQ(actual.state, expected.state);
  EXPECT_EQ(actual.reason, expected.reason);
  EXPECT_EQ(actual.step, expected.step);
  EXPECT_EQ(actual.parameters_sha256, expected.parameters_sha256);
  EXPECT_EQ(actual.generation, expected.generation);
  EXPECT_EQ(actual.resumed_generation, expected.resumed_generation);
  EXPECT_EQ(actual.requests, expected.requests);
  EXPECT_EQ(actual.pausing, expected.pausing);
  EXPECT_EQ(actual.priority, expected.priority);
  EXPECT_EQ(actual.hold_step, expected.hold_step);
  EXPECT_EQ(actual.losses, expected.losses);
  EXPECT_EQ(actual.members, expected.members);
  EXPECT_EQ(actual.numerics.SerializeAsString(), expected.numerics.SerializeAsString());
  EXPECT_EQ(actual.created, expected.created);
  EXPECT_EQ(actual.started, expected.started);
  EXPECT_EQ(actual.finished, expected.finished);
  EXPECT_EQ(actual.reproducible, expected.reproducible);
}

void ExpectEqual(const EvaluationRecord& actual, const EvaluationRecord& expected) {
  EXPECT_EQ(actual.evaluation_id, expected.evaluation_id);
  EXPECT_EQ(actual.request_id, expected.request_id);
  EXPECT_EQ(actual.job_id, expected.job_id);
  EXPECT_EQ(actual.step, expected.step);
  EXPECT_EQ(actual.checkpoint_sha256, expected.checkpoint_sha256);
  EXPECT_EQ(actual.parameters_sha256, expected.parameters_sha256);
  EXPECT_THAT(actual.spec, EqualsMessage(expected.spec));
  EXPECT_EQ(actual.state, expected.state);
  EXPECT_EQ(actual.reason, expected.reason);
  ASSERT_EQ(actual.results.size(), expected.results.size());
  for (size_t i = 0; i < actual.results.size(); ++i) {
    EXPECT_THAT(actual.results[i], EqualsMessage(expected.results[i]));
  }
  EXPECT_EQ(actual.created, expected.created);
}

void ExpectEqual(const CheckpointRecord& actual, const CheckpointRecord& expected) {
  EXPECT_EQ(actual.job_id, expected.job_id);
  EXPECT_EQ(actual.step, expected.step);
  EXPECT_EQ(actual.sha256, expected.sha256);
  EXPECT_EQ(actual.size_bytes, expected.size_bytes);
  EXPECT_EQ(actual.parameters_sha256, expected.parameters_sha256);
  EXPECT_EQ(actual.created, expected.created);
  EXPECT_EQ(actual.losses, expected.losses);
}

EvaluationRecord MakeEvaluation(const std::string& evaluation_id, const std::string& job_id) {
  EvaluationRecord evaluation;
  evaluation.evaluation_id = evaluation_id;
  evaluation.request_id = "request of " + evaluation_id;
  evaluation.job_id = job_id;
  evaluation.step = 12;
  evaluation.checkpoint_sha256 = std::string(64, 'c');
  evaluation.parameters_sha256 = std::string(64, 'p');
  evaluation.spec.set_tasks(100);
  evaluation.created = absl::FromUnixNanos(5);
  return evaluation;
}

EventRecord MakeEvent(const std::string& job_id, uint64_t number) {
  EventRecord record{job_id, {}};
  record.event.set_number(number);
  record.event.set_kind(v1::JobEvent::WORKER_LOST);
  record.event.add_workers("worker-1");
  record.event.set_seconds(0.1 + 0.2);
  return record;
}

ScoresRecord MakeScores(const std::string& evaluation_id, uint32_t shard) {
  v1::ScoreSeries series;
  series.set_inner_steps(3);
  series.set_metric("accuracy");
  series.add_scores(0.25f);
  return {evaluation_id, shard, {series, series}};
}

SampleRecord MakeSample(const std::string& evaluation_id, uint32_t task) {
  v1::EpisodeSample sample;
  sample.set_task(task);
  sample.mutable_regression()->add_predictions(0.5f);
  return {evaluation_id, sample};
}

class StoreTest : public testing::Test {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    store_.reset();
    auto store = Store::Open(path_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  template <typename... Records>
  absl::Status Put(const Records&... records) {
    Store::Batch batch;
    (batch.Put(records), ...);
    return store_->Commit(batch);
  }

  absl::Status PutSteps(const std::string& job_id, uint64_t first, uint64_t last) {
    Store::Batch batch;
    for (uint64_t step = first; step <= last; ++step) batch.Put(job_id, MakeMetrics(step));
    return store_->Commit(batch);
  }

  std::vector<std::string> JobIds() {
    std::vector<std::string> ids;
    const auto jobs = store_->Jobs();
    EXPECT_TRUE(jobs.ok()) << jobs.status();
    for (const JobRecord& job : *jobs) ids.push_back(job.job_id);
    return ids;
  }

  std::vector<uint64_t> Steps(const std::string& job_id, uint64_t after_step, uint64_t limit) {
    std::vector<uint64_t> steps;
    const auto metrics = store_->Steps(job_id, after_step, limit);
    EXPECT_TRUE(metrics.ok()) << metrics.status();
    for (const v1::StepMetrics& step : *metrics) steps.push_back(step.step());
    return steps;
  }

  std::vector<uint64_t> Events(const std::string& job_id, uint64_t after, uint64_t limit) {
    std::vector<uint64_t> numbers;
    const auto events = store_->Events(job_id, after, limit);
    EXPECT_TRUE(events.ok()) << events.status();
    for (const v1::JobEvent& event : *events) numbers.push_back(event.number());
    return numbers;
  }

  TestFolder folder_;
  const std::string path_ = folder_ / "outerloop.db";
  std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, IsEmptyWhenNew) {
  EXPECT_THAT(*store_->Jobs(), IsEmpty());
  EXPECT_THAT(*store_->Evaluations(), IsEmpty());
  EXPECT_THAT(*store_->Checkpoints(), IsEmpty());
  EXPECT_THAT(*store_->Checkpoints("job-1"), IsEmpty());
  EXPECT_THAT(*store_->Scores("evaluation-1"), IsEmpty());
  EXPECT_THAT(*store_->Steps("job-1", 0, kNoLimit), IsEmpty());
  EXPECT_THAT(*store_->Datasets(), IsEmpty());
  EXPECT_TRUE(Put().ok());
}

TEST_F(StoreTest, KeepsAJobAndWhatChangesInIt) {
  JobRecord job = MakeJob("job-1");
  ASSERT_TRUE(Put(job).ok());
  Open();
  ASSERT_EQ(JobIds(), std::vector<std::string>{"job-1"});
  ExpectEqual(store_->Jobs()->front(), job);

  job.state = v1::FAILED;
  job.reason = "";
  job.step = 13;
  job.parameters_sha256 = std::string(64, 'q');
  job.generation = 4;
  job.members.clear();
  job.started = job.created + absl::Seconds(2);
  job.finished = job.created + absl::Seconds(3);
  job.reproducible = false;
  ASSERT_TRUE(Put(job).ok());
  Open();
  ASSERT_EQ(JobIds(), std::vector<std::string>{"job-1"});
  ExpectEqual(store_->Jobs()->front(), job);
}

TEST_F(StoreTest, KeepsAJobWithNothingInIt) {
  ASSERT_TRUE(Put(JobRecord()).ok());
  ExpectEqual(store_->Jobs()->front(), JobRecord());
}

TEST_F(StoreTest, ListsJobsInTheOrderOfTheirSubmission) {
  ASSERT_TRUE(Put(MakeJob("job-b"), MakeJob("job-c")).ok());
  ASSERT_TRUE(Put(MakeJob("job-a")).ok());
  ASSERT_TRUE(Put(MakeJob("job-b")).ok());
  EXPECT_THAT(JobIds(), ElementsAre("job-b", "job-c", "job-a"));
}

TEST_F(StoreTest, KeepsCheckpointsByStep) {
  ASSERT_TRUE(Put(MakeJob("job-1"), MakeJob("job-2"), MakeCheckpoint("job-1", 20),
                  MakeCheckpoint("job-2", 15), MakeCheckpoint("job-1", 10))
                  .ok());
  Open();
  const auto of_one = store_->Checkpoints("job-1");
  ASSERT_TRUE(of_one.ok()) << of_one.status();
  ASSERT_EQ(of_one->size(), 2);
  ExpectEqual(of_one->at(0), MakeCheckpoint("job-1", 10));
  ExpectEqual(of_one->at(1), MakeCheckpoint("job-1", 20));
  const auto all = store_->Checkpoints();
  ASSERT_EQ(all->size(), 3);
  ExpectEqual(all->at(1), MakeCheckpoint("job-2", 15));
}

TEST_F(StoreTest, AcceptsACheckpointMadeAgain) {
  CheckpointRecord checkpoint = MakeCheckpoint("job-1", 20);
  ASSERT_TRUE(Put(MakeJob("job-1"), checkpoint).ok());
  checkpoint.sha256 = std::string(64, 'e');
  ASSERT_TRUE(Put(checkpoint).ok());
  ASSERT_EQ(store_->Checkpoints("job-1")->size(), 1);
  ExpectEqual(store_->Checkpoints("job-1")->front(), checkpoint);
}

TEST_F(StoreTest, DropsACheckpointAndSaysWhetherAFileIsStillNamed) {
  const CheckpointRecord first = MakeCheckpoint("job-1", 5);
  const CheckpointRecord second = MakeCheckpoint("job-1", 10);  // The same file.
  ASSERT_TRUE(Put(MakeJob("job-1"), first, second).ok());
  for (const uint64_t step : {5, 10}) {
    EXPECT_TRUE(*store_->IsNamed(first.sha256));
    Store::Batch batch;
    batch.DeleteCheckpoint("job-1", step);
    ASSERT_TRUE(store_->Commit(batch).ok());
  }
  EXPECT_FALSE(*store_->IsNamed(first.sha256));
  EXPECT_THAT(*store_->Checkpoints("job-1"), IsEmpty());
}

TEST_F(StoreTest, KeepsLossesToTheBitByStep) {
  const double inf = std::numeric_limits<double>::infinity();
  ASSERT_TRUE(Put(MakeJob("job-1"), LossRecord{"job-1", 20, inf}, LossRecord{"job-1", 10, 9},
                  LossRecord{"job-1", 10, 0.1 + 0.2})
                  .ok());
  Open();
  const auto losses = store_->Losses();
  ASSERT_TRUE(losses.ok()) << losses.status();
  ASSERT_EQ(losses->size(), 2);
  EXPECT_EQ(losses->at(0).step, 10);
  EXPECT_EQ(losses->at(0).loss, 0.1 + 0.2);
  EXPECT_EQ(losses->at(1).loss, inf);
}

TEST_F(StoreTest, DropsTheStepsAfterOneAndTheirLosses) {
  ASSERT_TRUE(Put(MakeJob("job-1"), MakeJob("job-2"), LossRecord{"job-1", 2, 1},
                  LossRecord{"job-1", 4, 1}, LossRecord{"job-2", 4, 1})
                  .ok());
  ASSERT_TRUE(PutSteps("job-1", 1, 5).ok());
  ASSERT_TRUE(PutSteps("job-2", 1, 5).ok());
  Store::Batch batch;
  batch.DeleteStepsAfter("job-1", 2);
  ASSERT_TRUE(store_->Commit(batch).ok());
  EXPECT_THAT(Steps("job-1", 0, kNoLimit), ElementsAre(1, 2));
  EXPECT_THAT(Steps("job-2", 0, kNoLimit), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(store_->Losses()->size(), 2);
}

TEST_F(StoreTest, DeletesAllOfAJobAndNothingOfOthersAndRemembersTheRequest) {
  for (const std::string id : {"job-1", "job-2"}) {
    ASSERT_TRUE(Put(MakeJob(id), MakeCheckpoint(id, 5), LossRecord{id, 5, 1},
                    MakeEvaluation(id + "-e", id), ScoresRecord{id + "-e", 0, {}},
                    MakeSample(id + "-e", 0), MakeEvent(id, 1))
                    .ok());
    Store::Batch batch;
    batch.Put(id, MakeMetrics(1));
    ASSERT_TRUE(store_->Commit(batch).ok());
  }
  Store::Batch batch;
  batch.Delete({"request", "job-1", "submit"});
  ASSERT_TRUE(store_->Commit(batch).ok());
  Open();
  ASSERT_EQ(store_->Jobs()->size(), 1u);
  EXPECT_EQ(store_->Jobs()->front().job_id, "job-2");
  EXPECT_TRUE(store_->Checkpoints("job-1")->empty());
  EXPECT_TRUE(store_->Steps("job-1", 0, 9)->empty());
  EXPECT_TRUE(store_->Scores("job-1-e")->empty());
  EXPECT_TRUE(store_->Samples("job-1-e")->empty());
  EXPECT_EQ(store_->Checkpoints()->size(), 1u);
  EXPECT_EQ(store_->Losses()->size(), 1u);
  EXPECT_THAT(Events("job-1", 0, kNoLimit), IsEmpty());
  EXPECT_THAT(Events("job-2", 0, kNoLimit), ElementsAre(1));
  EXPECT_EQ(store_->Evaluations()->size(), 1u);
  EXPECT_EQ(store_->Scores("job-2-e")->size(), 1u);
  EXPECT_EQ(store_->Samples("job-2-e")->size(), 1u);
  EXPECT_EQ(store_->Steps("job-2", 0, 9)->size(), 1u);
  ASSERT_EQ(store_->Deletions()->size(), 1u);
  EXPECT_EQ(store_->Deletions()->front().request_id, "request");
  EXPECT_EQ(store_->Deletions()->front().job_id, "job-1");
  EXPECT_EQ(store_->Deletions()->front().submit_request_id, "submit");
}

TEST_F(StoreTest, KeepsAnEvaluationAndWhatChangesInIt) {
  EvaluationRecord evaluation = MakeEvaluation("evaluation-1", "job-1");
  ASSERT_TRUE(Put(MakeJob("job-1"), evaluation).ok());
  Open();
  ASSERT_EQ(store_->Evaluations()->size(), 1);
  ExpectEqual(store_->Evaluations()->front(), evaluation);

  evaluation.state = v1::EVALUATION_DONE;
  evaluation.reason = "changed";
  for (const double mean : {0.9, 0.1}) evaluation.results.emplace_back().set_mean(mean);
  ASSERT_TRUE(Put(evaluation).ok());
  Open();
  ASSERT_EQ(store_->Evaluations()->size(), 1);
  ExpectEqual(store_->Evaluations()->front(), evaluation);
}

TEST_F(StoreTest, KeepsScoresByShard) {
  ASSERT_TRUE(Put(MakeJob("job-1"), MakeEvaluation("evaluation-1", "job-1"),
                  MakeEvaluation("evaluation-2", "job-1"), MakeScores("evaluation-1", 2),
                  MakeScores("evaluation-2", 1), MakeScores("evaluation-1", 0))
                  .ok());
  Open();
  const auto scores = store_->Scores("evaluation-1");
  ASSERT_TRUE(scores.ok()) << scores.status();
  ASSERT_EQ(scores->size(), 2);
  EXPECT_EQ(scores->at(0).shard, 0);
  EXPECT_EQ(scores->at(1).shard, 2);
  EXPECT_EQ(scores->at(1).evaluation_id, "evaluation-1");
  const v1::ScoreSeries expected = MakeScores("", 0).series.front();
  EXPECT_THAT(scores->at(1).series, ElementsAre(EqualsMessage(expected), EqualsMessage(expected)));
}

TEST_F(StoreTest, KeepsSamplesByTask) {
  ASSERT_TRUE(Put(MakeJob("job-1"), MakeEvaluation("evaluation-1", "job-1"),
                  MakeEvaluation("evaluation-2", "job-1"), MakeSample("evaluation-1", 2),
                  MakeSample("evaluation-2", 1), MakeSample("evaluation-1", 0))
                  .ok());
  Open();
  const auto samples = store_->Samples("evaluation-1");
  ASSERT_TRUE(samples.ok()) << samples.status();
  EXPECT_THAT(*samples, ElementsAre(EqualsMessage(MakeSample("", 0).sample),
                                    EqualsMessage(MakeSample("", 2).sample)));
}

TEST_F(StoreTest, KeepsStepsAndGivesThemInPieces) {
  ASSERT_TRUE(Put(MakeJob("job-1"), MakeJob("job-2")).ok());
  ASSERT_TRUE(PutSteps("job-1", 1, 5).ok());
  ASSERT_TRUE(PutSteps("job-2", 1, 2).ok());
  Open();
  EXPECT_THAT(Steps("job-1", 0, kNoLimit), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(Steps("job-1", 1, 2), ElementsAre(2, 3));
  EXPECT_THAT(Steps("job-1", 5, 2), IsEmpty());
  EXPECT_THAT(Steps("job-1", std::numeric_limits<uint64_t>::max(), 2), IsEmpty());
  EXPECT_THAT(store_->Steps("job-2", 0, 1)->front(), EqualsMessage(MakeMetrics(1)));
}

TEST_F(StoreTest, KeepsTheExactBitsOfAStep) {
  v1::StepMetrics metrics;
  metrics.set_step(1);
  metrics.set_loss(std::numeric_limits<double>::quiet_NaN());
  metrics.set_seconds(-0.0);
  Store::Batch batch;
  batch.Put(MakeJob("job-1"));
  batch.Put("job-1", metrics);
  ASSERT_TRUE(store_->Commit(batch).ok());
  EXPECT_EQ(store_->Steps("job-1", 0, 1)->front().SerializeAsString(), metrics.SerializeAsString());
}

TEST_F(StoreTest, AStepComputedAgainReplacesTheFirst) {
  ASSERT_TRUE(Put(MakeJob("job-1")).ok());
  ASSERT_TRUE(PutSteps("job-1", 1, 3).ok());
  ASSERT_TRUE(PutSteps("job-1", 2, 4).ok());
  EXPECT_THAT(Steps("job-1", 0, kNoLimit), ElementsAre(1, 2, 3, 4));
}

TEST_F(StoreTest, KeepsEventsAndGivesThemInPieces) {
  ASSERT_TRUE(Put(MakeJob("job-1"), MakeJob("job-2"), MakeEvent("job-1", 2), MakeEvent("job-1", 1),
                  MakeEvent("job-1", 3), MakeEvent("job-2", 1))
                  .ok());
  Open();
  EXPECT_THAT(Events("job-1", 0, kNoLimit), ElementsAre(1, 2, 3));
  EXPECT_THAT(Events("job-1", 1, 1), ElementsAre(2));
  EXPECT_THAT(Events("job-1", 3, kNoLimit), IsEmpty());
  EXPECT_THAT(store_->Events("job-1", 2, 1)->front(), EqualsMessage(MakeEvent("job-1", 3).event));
}

TEST_F(StoreTest, KeepsTheLatestEventsOfEachJob) {
  ASSERT_TRUE(Put(MakeJob("job-1"), MakeJob("job-2"), MakeJob("job-3")).ok());
  ASSERT_TRUE(Put(MakeEvent("job-2", 1)).ok());
  Store::Batch batch;
  for (uint64_t number = 1; number <= kEventsKept + 2; ++number) {
    batch.Put(MakeEvent("job-1", number));
  }
  ASSERT_TRUE(store_->Commit(batch).ok());
  const std::vector<uint64_t> kept = Events("job-1", 0, kNoLimit);
  ASSERT_EQ(kept.size(), kEventsKept);
  EXPECT_EQ(kept.front(), 3u);
  EXPECT_EQ(kept.back(), kEventsKept + 2);
  EXPECT_THAT(Events("job-2", 0, kNoLimit), ElementsAre(1));
  std::map<std::string, uint64_t> latest;
  const auto records = store_->LatestEvents();
  ASSERT_TRUE(records.ok()) << records.status();
  for (const EventRecord& record : *records) {
    latest[record.job_id] = record.event.number();
  }
  EXPECT_THAT(latest, UnorderedElementsAre(Pair("job-1", kEventsKept + 2), Pair("job-2", 1)));
}

TEST_F(StoreTest, KeepsDataSetsByName) {
  v1::Dataset strokes, omniglot;
  strokes.set_name("strokes");
  omniglot.set_name("omniglot");
  omniglot.add_origins()->set_name("images_background");
  ASSERT_TRUE(Put(strokes, omniglot).ok());
  strokes.set_examples(7);
  ASSERT_TRUE(Put(strokes).ok());
  Open();
  EXPECT_THAT(*store_->Datasets(), ElementsAre(EqualsMessage(omniglot), EqualsMessage(strokes)));
  EXPECT_THAT(*store_->GetDataset("omniglot"), EqualsMessage(omniglot));
  EXPECT_EQ(store_->GetDataset("imagenet").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(StoreTest, KeepsSweepsInTheOrderOfTheirSubmissionAndWhatChangesInThem) {
  v1::Sweep first, second;
  first.set_sweep_id("sweep-z");
  first.set_request_id("request-1");
  second.set_sweep_id("sweep-a");
  second.set_request_id("request-2");
  ASSERT_TRUE(Put(first, second).ok());
  first.set_state(v1::SWEEP_SUCCEEDED);
  first.add_trials()->set_job_id("job-1");
  ASSERT_TRUE(Put(first).ok());
  Open();
  EXPECT_THAT(*store_->Sweeps(), ElementsAre(EqualsMessage(first), EqualsMessage(second)));
}

TEST_F(StoreTest, ASweepRequestMakesOneSweep) {
  v1::Sweep first, second;
  first.set_sweep_id("sweep-1");
  second.set_sweep_id("sweep-2");
  first.set_request_id("request");
  second.set_request_id("request");
  ASSERT_TRUE(Put(first).ok());
  EXPECT_FALSE(Put(second).ok());
}

TEST_F(StoreTest, DeletesADataSetForGood) {
  v1::Dataset strokes, omniglot;
  strokes.set_name("strokes");
  omniglot.set_name("omniglot");
  ASSERT_TRUE(Put(strokes, omniglot).ok());
  Store::Batch batch;
  batch.DeleteDataset("strokes");
  batch.DeleteDataset("imagenet");
  ASSERT_TRUE(store_->Commit(batch).ok());
  Open();
  EXPECT_THAT(*store_->Datasets(), ElementsAre(EqualsMessage(omniglot)));
}

TEST_F(StoreTest, ABatchThatBreaksARuleLeavesNothing) {
  JobRecord same_request = MakeJob("job-2");
  same_request.request_id = MakeJob("job-1").request_id;
  const absl::Status status = Put(MakeJob("job-1"), same_request);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(status.message(), HasSubstr(path_));
  EXPECT_THAT(JobIds(), IsEmpty());
  EXPECT_FALSE(Put(MakeJob("job-1"), MakeCheckpoint("no-job", 1)).ok());
  EXPECT_THAT(JobIds(), IsEmpty());
  EXPECT_TRUE(Put(MakeCheckpoint("job-1", 1), MakeJob("job-1")).ok());
  EXPECT_THAT(JobIds(), ElementsAre("job-1"));
}

TEST_F(StoreTest, AFullDatabaseTakesNothingOfABatchAndGoesOnWhenThereIsRoom) {
  store_.reset();
  auto database = SqliteDatabase::Open(path_, kApplicationId);
  ASSERT_TRUE(database.ok());
  SqliteDatabase& limits = **database;
  store_ = Store::Open(*std::move(database)).value();
  ASSERT_TRUE(Put(MakeJob("job-1")).ok());
  const int64_t pages = limits.QueryInteger("PRAGMA page_count").value();
  ASSERT_TRUE(limits.Execute("PRAGMA max_page_count = " + std::to_string(pages + 1)).ok());

  JobRecord large = MakeJob("job-3");
  large.reason = std::string(1 << 20, 'x');
  const absl::Status status = Put(MakeJob("job-2"), large);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(status.message(), HasSubstr(path_));
  EXPECT_THAT(JobIds(), ElementsAre("job-1"));

  ASSERT_TRUE(limits.Execute("PRAGMA max_page_count = 1000000").ok());
  ASSERT_TRUE(Put(MakeJob("job-2"), large).ok());
  Open();
  EXPECT_THAT(JobIds(), ElementsAre("job-1", "job-2", "job-3"));
}

// Mounts a file system of `bytes` on `folder`, seen by this process alone. False where that is not
// permitted.
bool MountSmallDisk(const std::string& folder, const std::string& bytes) {
  return unshare(CLONE_NEWNS) == 0 &&
         mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("none", folder.c_str(), "tmpfs", 0, ("size=" + bytes).c_str()) == 0;
}

TEST_F(StoreTest, AFullDiskTakesNothingOfABatchAndGoesOnWhenThereIsRoom) {
  const TestFolder disk;
  if (!MountSmallDisk(disk.path(), "1m")) GTEST_SKIP() << "may not mount a small disk here";
  store_ = Store::Open(disk / "outerloop.db").value();
  ASSERT_TRUE(Put(MakeJob("job-1")).ok());
  const std::string ballast = disk / "ballast";
  std::ofstream(ballast) << std::string(1 << 20, 'x');  // As much of it as there is room for.

  JobRecord large = MakeJob("job-3");
  large.reason = std::string(100'000, 'x');
  const absl::Status status = Put(MakeJob("job-2"), large);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(JobIds(), ElementsAre("job-1"));

  std::filesystem::remove(ballast);
  ASSERT_TRUE(Put(MakeJob("job-2"), large).ok());
  EXPECT_THAT(JobIds(), ElementsAre("job-1", "job-2", "job-3"));
  store_.reset();
  umount(disk.path().c_str());
}

// What later versions added, taken away again.
TEST_F(StoreTest, TakesUpADatabaseOfTheFirstVersion) {
  ASSERT_TRUE(Put(MakeJob("job-1"), MakeCheckpoint("job-1", 5)).ok());
  store_.reset();
  {
    auto database = SqliteDatabase::Open(path_, kApplicationId);
    ASSERT_TRUE(database.ok());
    for (const char* column : {"resumed_generation", "requests", "loss_sum", "loss_steps",
                               "reproducible", "pausing", "priority", "hold_step"}) {
      ASSERT_TRUE((*database)->Execute(std::string("ALTER TABLE jobs DROP COLUMN ") + column).ok());
    }
    ASSERT_TRUE((*database)
                    ->Execute("ALTER TABLE checkpoints DROP COLUMN loss_sum; "
                              "ALTER TABLE checkpoints DROP COLUMN loss_steps; "
                              "DROP TABLE events; DROP TABLE samples; DROP TABLE sweeps; DROP "
                              "TABLE deletions; DROP "
                              "TABLE losses; DROP "
                              "INDEX checkpoints_by_file; "
                              "PRAGMA user_version = 1")
                    .ok());
  }
  Open();
  JobRecord expected = MakeJob("job-1");
  expected.resumed_generation = 0;
  expected.requests.clear();
  expected.pausing = false;
  expected.priority = 0;
  expected.hold_step = 0;
  expected.losses = {};
  expected.reproducible = true;
  ExpectEqual(store_->Jobs()->at(0), expected);
  EXPECT_TRUE(*store_->IsNamed(MakeCheckpoint("job-1", 5).sha256));
  EXPECT_TRUE(Put(LossRecord{"job-1", 5, 1}).ok());
  EXPECT_TRUE(store_->Samples("evaluation-1")->empty());
  EXPECT_TRUE(Put(MakeEvent("job-1", 1)).ok());
}

TEST_F(StoreTest, RefusesANewerSchema) {
  store_.reset();
  auto database = SqliteDatabase::Open(path_, kApplicationId);
  ASSERT_TRUE(database.ok());
  const int newer = SchemaVersion() + 1;
  ASSERT_TRUE((*database)->Execute("PRAGMA user_version = " + std::to_string(newer)).ok());
  const absl::Status status = Store::Open(path_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr(path_));
  EXPECT_THAT(status.message(), HasSubstr("schema version " + std::to_string(newer)));
}

TEST_F(StoreTest, RefusesWhatIsNoDatabaseOfItsOwn) {
  const std::string text = folder_ / "text";
  std::ofstream(text) << std::string(5000, 'x');
  EXPECT_EQ(Store::Open(text).status().code(), absl::StatusCode::kFailedPrecondition);
  const std::string other = folder_ / "other.db";
  ASSERT_TRUE(SqliteDatabase::Open(other, kApplicationId + 1).ok());
  EXPECT_EQ(Store::Open(other).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(StoreTest, ARowThatIsNotAsWrittenIsDataLoss) {
  ASSERT_TRUE(Put(MakeJob("job-1")).ok());
  auto database = SqliteDatabase::Open(path_, kApplicationId);
  ASSERT_TRUE((*database)->Execute("UPDATE jobs SET spec = x'ff'").ok());
  EXPECT_EQ(store_->Jobs().status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(store_->Jobs().status().message(), HasSubstr("outerloop.v1.JobSpec"));
  ASSERT_TRUE((*database)->Execute("UPDATE jobs SET spec = x'', members = '[1]'").ok());
  EXPECT_EQ(store_->Jobs().status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace outerloop::coordinator
