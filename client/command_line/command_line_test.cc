#include "client/command_line/command_line.h"

#include <cstdlib>
#include <sstream>

#include "client/testing/fake_coordinator.h"
#include "client/user_name.h"
#include "common/atomic_file.h"
#include "common/sha256.h"
#include "data/dataset_file.h"
#include "data/png_decoder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class CommandLineTest : public testing::Test {
 protected:
  // Runs with the fake's address; keeps what was printed in out_ and err_.
  int Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--address", fake_.address(), "--retry-for", "30"});
    return RunPlain(std::move(arguments));
  }

  int RunPlain(std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const Console console{.out = out, .err = err};
    const int code = RunCommandLine(std::move(arguments), console, stop_.get_token());
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  // The same under --output json.
  Json RunJson(std::vector<std::string> arguments, int code = kSuccess) {
    arguments.insert(arguments.end(), {"--output", "json"});
    EXPECT_EQ(Run(std::move(arguments)), code) << err_;
    return Json::parse(out_);
  }

  v1::Job AddJob(v1::JobState state, uint64_t step) {
    v1::Job job;
    job.set_job_id("job-7");
    job.mutable_spec()->set_name("my-job");
    job.mutable_spec()->mutable_training()->set_steps(5);
    job.set_state(state);
    job.set_step(step);
    job.set_parameters_sha256("abc");
    fake_.AddJob(job);
    return job;
  }

  static v1::JobEvent EventOf(uint64_t number, v1::JobEvent::Kind kind) {
    v1::JobEvent event;
    event.set_number(number);
    event.set_kind(kind);
    return event;
  }

  static v1::Evaluation DoneEvaluation(const std::string& job_id, const std::string& id) {
    v1::Evaluation evaluation;
    evaluation.set_job_id(job_id);
    evaluation.set_evaluation_id(id);
    evaluation.set_state(v1::EVALUATION_DONE);
    return evaluation;
  }

  // A page of one series; the last one if no task is next.
  static v1::ListScoresResponse ScoresOf(const std::vector<float>& scores, uint32_t next_task = 0) {
    v1::ListScoresResponse page;
    v1::ScoreSeries& series = *page.add_series();
    series.set_mode(v1::INDUCTIVE);
    series.set_inner_steps(1);
    series.set_metric("accuracy");
    series.mutable_scores()->Assign(scores.begin(), scores.end());
    if (next_task > 0) page.set_next_task(next_task);
    return page;
  }

  std::string TempPath(const std::string& name) {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    return testing::TempDir() + "command_line_test-" + test->name() + "-" + name;
  }

  FakeCoordinator fake_;
  std::stop_source stop_;
  std::string out_;
  std::string err_;
};

TEST_F(CommandLineTest, AsksOnceWhetherSomebodyServes) {
  EXPECT_EQ(Run({"health"}), kSuccess) << err_;
  EXPECT_THAT(out_, HasSubstr("serves"));
  EXPECT_EQ(RunJson({"health"})["serving"], true);
  EXPECT_EQ(RunPlain({"health", "--address", "localhost:1"}), kFailure);
}

TEST_F(CommandLineTest, EndsWithTwoWhenTheArgumentsAreWrong) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"nonsense"},
                                             {"list", "--nonsense"},
                                             {"watch"},
                                             {"submit"},
                                             {"submit", "a.yaml", "--preset", "b"},
                                             {"list", "--output", "xml"},
                                             {"download", "job@x", "-o", "f"},
                                             {"evaluate", "job", "--split", "tests"},
                                             {"compare", "job"},
                                             {"scores"},
                                             {"dataset"},
                                             {"presets", "show"}}) {
    EXPECT_EQ(RunPlain(arguments), kUsage) << testing::PrintToString(arguments);
    EXPECT_THAT(err_, StartsWith("outerloop: "));
    EXPECT_EQ(out_, "");
  }
}

TEST_F(CommandLineTest, SuggestsTheNearestVerb) {
  EXPECT_EQ(RunPlain({"subimt", "x"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("unknown command 'subimt'; did you mean 'submit'?"));
}

TEST_F(CommandLineTest, SaysWhichFormatsCanBeImported) {
  EXPECT_EQ(RunPlain({"dataset", "import", "--format", "csv", "x", "--name", "y"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("--format: csv not in {folder,safetensors,omniglot}"));
}

TEST_F(CommandLineTest, PrintsHelpOnRequest) {
  EXPECT_EQ(RunPlain({"submit", "--help"}), kSuccess);
  EXPECT_THAT(out_, HasSubstr("Usage: outerloop submit"));
}

TEST_F(CommandLineTest, SaysWhatToDoWhenNothingListens) {
  EXPECT_EQ(RunPlain({"list", "--address", "localhost:1", "--output", "json"}), kFailure);
  EXPECT_THAT(err_, HasSubstr("localhost:1; start one with `outerloop up`"));
  EXPECT_EQ(Json::parse(out_)["error"]["code"], "UNAVAILABLE");
}

TEST_F(CommandLineTest, TakesTheAddressFromTheEnvironment) {
  setenv("OUTERLOOP_ADDRESS", fake_.address().c_str(), 1);
  EXPECT_EQ(RunPlain({"list"}), kSuccess) << err_;
  unsetenv("OUTERLOOP_ADDRESS");
}

TEST_F(CommandLineTest, ListsJobs) {
  AddJob(v1::RUNNING, 3);
  EXPECT_EQ(Run({"list"}), kSuccess);
  EXPECT_THAT(out_, ContainsRegex("job-7  my-job +0  RUNNING   3/5"));
  const Json json = RunJson({"list"});
  EXPECT_EQ(json["jobs"][0]["job_id"], "job-7");
  EXPECT_EQ(json["jobs"][0]["steps"], 5);
}

TEST_F(CommandLineTest, DescribesAJobWithItsSpecification) {
  AddJob(v1::RUNNING, 3);
  EXPECT_EQ(Run({"describe", "my-job"}), kSuccess);
  EXPECT_THAT(out_, HasSubstr("parameters_sha256  abc\n"));
  EXPECT_THAT(out_, HasSubstr("specification:\nname: my-job\ntraining:\n  steps: 5\n"));
  const Json json = RunJson({"describe", "my-job"});
  EXPECT_EQ(json["parameters_sha256"], "abc");
  EXPECT_EQ(json["spec"]["training"]["steps"], 5);
}

TEST_F(CommandLineTest, SaysWhenAJobIsUnknown) {
  EXPECT_EQ(Run({"describe", "nobody"}), kFailure);
  EXPECT_EQ(err_, "outerloop: no job 'nobody'\n");
}

TEST_F(CommandLineTest, CancelsAJob) {
  AddJob(v1::RUNNING, 3);
  EXPECT_EQ(RunJson({"cancel", "job-7"})["state"], "CANCELLED");
}

TEST_F(CommandLineTest, PausesAJob) {
  AddJob(v1::RUNNING, 3);
  EXPECT_EQ(Run({"pause", "my-job"}), kSuccess);
  EXPECT_EQ(out_,
            "job job-7 (my-job) is PAUSED at step 3\ngo on with it with: outerloop resume job-7\n");
  EXPECT_EQ(RunJson({"pause", "job-7"})["state"], "PAUSED");
}

TEST_F(CommandLineTest, ChangesAPriority) {
  AddJob(v1::RUNNING, 3);
  EXPECT_EQ(Run({"priority", "my-job", "-5"}), kSuccess);
  EXPECT_EQ(out_, "job job-7 (my-job) has priority -5\n");
  EXPECT_EQ(RunJson({"priority", "job-7", "100"})["priority"], 100);
  EXPECT_EQ(RunPlain({"priority", "job-7", "101"}), kUsage);
  EXPECT_EQ(RunPlain({"priority", "job-7", "high"}), kUsage);
}

TEST_F(CommandLineTest, DeletesAJob) {
  AddJob(v1::CANCELLED, 3);
  EXPECT_EQ(Run({"delete", "my-job"}), kSuccess);
  EXPECT_EQ(out_, "deleted job job-7\n");
  EXPECT_EQ(Run({"describe", "job-7"}), kFailure);
}

TEST_F(CommandLineTest, SubmitsInTheNameOfTheUser) {
  const std::string path = TempPath("job.yaml");
  ASSERT_TRUE(WriteFileAtomically(path, "name: own\n").ok());
  EXPECT_EQ(RunJson({"submit", path})["owner"], UserName());
  const Json json = RunJson({"submit", path, "--set", "queue.owner=somebody"});
  EXPECT_EQ(json["owner"], "somebody");
  EXPECT_EQ(RunJson({"submit", "--from", json["job_id"]})["owner"], UserName());
}

TEST_F(CommandLineTest, ResumesAJobFromACheckpoint) {
  AddJob(v1::FAILED, 3);
  EXPECT_EQ(Run({"resume", "my-job@2"}), kSuccess);
  EXPECT_EQ(out_,
            "resumed job job-7 (my-job) after step 3\nwatch it with: outerloop watch job-7\n");
  EXPECT_EQ(fake_.last_resume().step(), 2u);
  EXPECT_EQ(RunJson({"resume", "job-7"})["state"], "QUEUED");
  EXPECT_FALSE(fake_.last_resume().has_step());
  EXPECT_EQ(Run({"resume", "job-7@0"}), kSuccess);
  EXPECT_TRUE(fake_.last_resume().has_step());
}

TEST_F(CommandLineTest, SubmitsAForkWithTheOtherJobsSpecificationAndChanges) {
  AddJob(v1::CANCELLED, 3);
  const Json json = RunJson({"submit", "--from", "my-job@2", "--set", "training.steps=9"});
  EXPECT_EQ(json["name"], "my-job");
  EXPECT_EQ(json["steps"], 9);
  const Json described = RunJson({"describe", json["job_id"]});
  EXPECT_EQ(described["spec"]["start_from"].dump(), R"({"job":"my-job","step":2})");
}

TEST_F(CommandLineTest, SubmitsAForkWithASpecificationOfItsOwn) {
  const std::string path = TempPath("job.yaml");
  ASSERT_TRUE(WriteFileAtomically(path, "name: own\nstart_from: {job: x, step: 7}\n").ok());
  const Json json = RunJson({"submit", path, "--from", "my-job"});
  const Json described = RunJson({"describe", json["job_id"]});
  EXPECT_EQ(described["name"], "own");
  EXPECT_EQ(described["spec"]["start_from"].dump(), R"({"job":"my-job"})");
}

TEST_F(CommandLineTest, ListsWorkers) {
  v1::WorkerStatus worker;
  worker.set_worker_id("w1");
  worker.set_threads(2);
  worker.mutable_numerics()->set_device("cpu");
  fake_.AddWorker(worker);
  EXPECT_EQ(Run({"workers"}), kSuccess);
  EXPECT_THAT(out_, HasSubstr("w1"));
  EXPECT_EQ(RunJson({"workers"})["workers"][0]["numerics"]["device"], "cpu");
}

TEST_F(CommandLineTest, SubmitsAPresetWithChanges) {
  const Json json = RunJson({"submit", "--preset", "maml-sinusoid", "--set", "training.steps=3",
                             "--set", "evaluations=[]"});
  EXPECT_EQ(json["name"], "maml-sinusoid");
  EXPECT_EQ(json["steps"], 3);
  EXPECT_EQ(fake_.jobs(), 1);
}

TEST_F(CommandLineTest, SubmitsAFileAndSaysHowToWatchIt) {
  const std::string path = TempPath("job.yaml");
  ASSERT_TRUE(WriteFileAtomically(path, "name: from-file\n").ok());
  EXPECT_EQ(Run({"submit", path}), kSuccess);
  EXPECT_EQ(out_, "submitted job job-1 (from-file)\nwatch it with: outerloop watch job-1\n");
}

TEST_F(CommandLineTest, SaysWhatIsWrongInAJobFile) {
  const std::string path = TempPath("job.yaml");
  ASSERT_TRUE(WriteFileAtomically(path, "name: a\ntraining: {stepz: 3}\n").ok());
  EXPECT_EQ(Run({"submit", path}), kFailure);
  EXPECT_EQ(err_,
            "outerloop: " + path + ":2: training.stepz: unknown field; did you mean 'steps'?\n");
  EXPECT_EQ(fake_.jobs(), 0);
}

TEST_F(CommandLineTest, OnlyPrintsTheJobInADryRun) {
  EXPECT_EQ(RunPlain({"submit", "--preset", "maml-sinusoid", "--dry-run", "--set", "name=x",
                      "--address", "localhost:1"}),
            kSuccess);
  EXPECT_THAT(out_, StartsWith("name: x\ndataset:\n  name: sinusoid\n"));
}

TEST_F(CommandLineTest, WaitsForTheJobItSubmitted) {
  EXPECT_EQ(Run({"submit", "--preset", "maml-sinusoid", "--set", "training.steps=4", "--wait"}),
            kSuccess);
  EXPECT_THAT(out_, StartsWith("job job-1 (maml-sinusoid) SUCCEEDED at step 4/4\n"));
  EXPECT_EQ(err_, "submitted job job-1 (maml-sinusoid)\nSUCCEEDED 100%  4/4\n");
}

TEST_F(CommandLineTest, WatchesWithoutMixingProgressIntoTheResult) {
  AddJob(v1::SUCCEEDED, 5);
  const Json json = RunJson({"watch", "my-job"});
  EXPECT_EQ(json["state"], "SUCCEEDED");
  EXPECT_EQ(json["step"], 5);
}

TEST_F(CommandLineTest, PrintsTheHistoryOfARunningJob) {
  AddJob(v1::RUNNING, 4);
  EXPECT_EQ(Run({"history", "my-job", "--every", "3"}), kSuccess) << err_;
  EXPECT_THAT(out_, MatchesRegex("step,loss,accuracy,seconds,skipped\n3,.*,0\n4,.*,0\n"));
  const Json rows = RunJson({"history", "my-job"});
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[3]["step"], 4);
  EXPECT_EQ(Run({"history", "my-job", "--every", "0"}), kUsage);
}

TEST_F(CommandLineTest, PrintsAtMostSoManyPointsOfTheHistory) {
  AddJob(v1::RUNNING, 4);
  EXPECT_EQ(RunJson({"history", "my-job", "--points", "2"}).size(), 2u);
  EXPECT_EQ(RunJson({"history", "my-job", "--points", "9"}).size(), 4u);
  EXPECT_EQ(Run({"history", "my-job", "--points", "2", "--every", "2"}), kUsage);
}

TEST_F(CommandLineTest, PrintsWhatHasHappenedToAJob) {
  AddJob(v1::RUNNING, 4);
  for (const uint64_t number : {3, 4, 5}) fake_.AddEvent(EventOf(number, v1::JobEvent::WAITING));
  EXPECT_EQ(Run({"events", "my-job"}), kSuccess) << err_;
  EXPECT_THAT(out_, MatchesRegex("\\(2 earlier events are not kept\\)\n(.*  waiting\n){3}"));
  const Json events = RunJson({"events", "my-job"});
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[2]["number"], 5);
  EXPECT_EQ(events[2]["kind"], "WAITING");
  EXPECT_EQ(Run({"events", "other"}), kFailure);
}

TEST_F(CommandLineTest, FollowsWhatHappensToTheEndOverBrokenStreams) {
  AddJob(v1::SUCCEEDED, 5);
  for (const uint64_t number : {1, 2, 3}) fake_.AddEvent(EventOf(number, v1::JobEvent::WAITING));
  fake_.BreakStreamsAfter({2});
  EXPECT_EQ(Run({"events", "my-job", "--follow", "--output", "json"}), kSuccess) << err_;
  EXPECT_THAT(out_, MatchesRegex("\\{\"number\":1,.*\n\\{\"number\":2,.*\n\\{\"number\":3,.*\n"));
  fake_.BreakStreamsAfter({1});
  EXPECT_EQ(Run({"events", "my-job", "-f"}), kSuccess) << err_;
  EXPECT_THAT(out_, MatchesRegex("(.*  waiting\n){3}"));
}

TEST_F(CommandLineTest, EndsWithSuccessOnlyIfTheJobSucceeded) {
  AddJob(v1::FAILED, 2);
  EXPECT_EQ(Run({"watch", "my-job"}), kFailure);
  AddJob(v1::CANCELLED, 2);
  EXPECT_EQ(Run({"watch", "my-job"}), kFailure);
  AddJob(v1::SUCCEEDED, 2);
  EXPECT_EQ(Run({"watch", "my-job"}), kSuccess);
}

TEST_F(CommandLineTest, WatchesThroughACoordinatorThatIsAway) {
  AddJob(v1::SUCCEEDED, 5);
  fake_.BreakStreamsAfter({2});
  EXPECT_EQ(Run({"watch", "my-job"}), kSuccess);
  EXPECT_THAT(err_, HasSubstr("the coordinator is away, trying again"));
}

TEST_F(CommandLineTest, LeavesTheJobRunningOnCtrlCAndSaysHowToComeBack) {
  AddJob(v1::RUNNING, 2);
  std::ostringstream out;
  // Stops as soon as there is progress to see.
  struct StopOnText : std::stringbuf {
    explicit StopOnText(std::stop_source& stop) : stop(stop) {}
    int sync() override {
      if (str().find("RUNNING") != std::string::npos) stop.request_stop();
      return 0;
    }
    std::stop_source& stop;
  } buffer(stop_);
  std::ostream err(&buffer);
  const int code = RunCommandLine({"watch", "my-job", "--address", fake_.address()},
                                  {.out = out, .err = err}, stop_.get_token());
  EXPECT_EQ(code, kFailure);
  EXPECT_THAT(buffer.str(), HasSubstr("job job-7 goes on. Come back with: outerloop watch job-7"));
}

TEST_F(CommandLineTest, EvaluatesACheckpoint) {
  AddJob(v1::SUCCEEDED, 5);
  v1::Evaluation evaluation;
  evaluation.set_job_id("job-7");
  evaluation.set_state(v1::EVALUATION_DONE);
  auto* result = evaluation.add_results();
  result->set_split(v1::VALIDATION);
  result->set_mode(v1::TRANSDUCTIVE);
  result->set_metric("accuracy");
  result->set_mean(0.9);
  fake_.AddEvaluation(evaluation);
  const Json json = RunJson({"evaluate", "my-job@5", "--split", "validation", "--tasks", "50",
                             "--inner-steps", "1,3", "--queries", "15"});
  EXPECT_EQ(json["evaluations"][0]["mean"], 0.9);
  const v1::EvaluateJobRequest request = fake_.last_evaluation();
  EXPECT_EQ(request.step(), 5u);
  EXPECT_EQ(request.spec().split(), v1::VALIDATION);
  EXPECT_EQ(request.spec().tasks(), 50u);
  EXPECT_EQ(request.spec().queries(), 15u);
  EXPECT_THAT(request.spec().inner_steps(), ElementsAre(1, 3));
}

TEST_F(CommandLineTest, EvaluatesEachOfTheWaysAndShots) {
  AddJob(v1::SUCCEEDED, 5);
  fake_.AddEvaluation(DoneEvaluation("job-7", "e-1"));
  const Json json = RunJson({"evaluate", "my-job", "--ways", "5,20", "--shots", "1,5,10"});
  EXPECT_THAT(json["evaluation_ids"], SizeIs(6));
  const v1::EvaluationSpec last = fake_.last_evaluation().spec();
  EXPECT_EQ(last.ways(), 20u);
  EXPECT_EQ(last.shots(), 10u);
}

TEST_F(CommandLineTest, GivesTheScoreOfEveryTask) {
  AddJob(v1::SUCCEEDED, 5);
  fake_.AddEvaluation(DoneEvaluation("job-7", "e-1"));
  fake_.AddScores("e-1", {ScoresOf({0.5f, 1}, /*next_task=*/2), ScoresOf({0.25f})});
  const std::string csv =
      "evaluation_id,mode,inner_steps,task,score\n"
      "e-1,inductive,1,0,0.5\n"
      "e-1,inductive,1,1,1\n"
      "e-1,inductive,1,2,0.25\n";
  EXPECT_EQ(Run({"scores", "e-1"}), kSuccess) << err_;
  EXPECT_EQ(out_, csv);
  const std::string path = TempPath("scores.csv");
  EXPECT_EQ(Run({"evaluate", "my-job", "--scores", path}), kSuccess) << err_;
  EXPECT_EQ(*ReadFile(path), csv);
  EXPECT_EQ(Run({"scores", "e-2"}), kFailure);
}

TEST_F(CommandLineTest, GivesTheScoresOfAllEvaluationsOfAJob) {
  v1::Job job = AddJob(v1::SUCCEEDED, 5);
  EXPECT_EQ(Run({"scores", "my-job"}), kFailure);
  EXPECT_THAT(err_, HasSubstr("job job-7 has no evaluation that is done"));
  *job.add_evaluations() = DoneEvaluation("job-7", "e-1");
  *job.add_evaluations() = DoneEvaluation("job-7", "e-2");
  job.add_evaluations()->set_evaluation_id("e-3");
  fake_.AddJob(job);
  fake_.AddScores("e-1", {ScoresOf({0.5f})});
  fake_.AddScores("e-2", {ScoresOf({0.25f})});
  const std::string csv =
      "evaluation_id,mode,inner_steps,task,score\n"
      "e-1,inductive,1,0,0.5\n"
      "e-2,inductive,1,0,0.25\n";
  EXPECT_EQ(Run({"scores", "my-job"}), kSuccess) << err_;
  EXPECT_EQ(out_, csv);
  EXPECT_EQ(RunJson({"scores", "my-job"})[1]["evaluation_id"], "e-2");
  EXPECT_EQ(RunJson({"scores", "e-1"})["evaluation_id"], "e-1");
  const std::string path = TempPath("scores.csv");
  EXPECT_EQ(Run({"scores", "my-job", "--file", path}), kSuccess) << err_;
  EXPECT_EQ(*ReadFile(path), csv);
}

TEST_F(CommandLineTest, ComparesTwoJobsOnTheSameTasks) {
  v1::Job job = AddJob(v1::SUCCEEDED, 5);
  job.set_job_id("job-8");
  job.mutable_spec()->set_name("other-job");
  fake_.AddJob(job);
  v1::Evaluation evaluation = DoneEvaluation("job-7", "e-1");
  evaluation.mutable_spec()->set_seed(42);
  fake_.AddEvaluation(evaluation);
  fake_.AddEvaluation(DoneEvaluation("job-8", "e-2"));
  fake_.AddScores("e-1", {ScoresOf({1, 0.75f})});
  fake_.AddScores("e-2", {ScoresOf({0.5f, 0.25f})});
  const Json json = RunJson({"compare", "my-job@5", "other-job", "--tasks", "2"});
  EXPECT_EQ(json["second"], "job-8");
  EXPECT_EQ(json["matches"][0]["comparisons"][0]["difference"]["mean"], 0.5);
  EXPECT_EQ(fake_.last_evaluation().job_id(), "job-8");
  EXPECT_EQ(fake_.last_evaluation().spec().seed(), 42u);
  EXPECT_EQ(Run({"compare", "my-job", "other-job"}), kSuccess) << err_;
  EXPECT_THAT(out_, HasSubstr("+50.00 %"));
}

TEST_F(CommandLineTest, WritesAReport) {
  AddJob(v1::RUNNING, 3);
  fake_.AddEvent(EventOf(1, v1::JobEvent::EVALUATION_BEGUN));
  const std::string path = TempPath("report.html");
  EXPECT_EQ(RunJson({"report", "my-job", "-o", path})["path"], path);
  EXPECT_THAT(*ReadFile(path), StartsWith("<!doctype html>"));
  EXPECT_THAT(*ReadFile(path), HasSubstr("evaluation begun"));
}

TEST_F(CommandLineTest, ReportsWhatTheLatestTestsAnswered) {
  v1::ListEpisodeSamplesResponse samples;
  samples.add_samples()->mutable_regression()->add_support_inputs(1);
  fake_.SetEpisodeSamples(samples);
  v1::Job job = AddJob(v1::SUCCEEDED, 5);
  const std::string path = TempPath("report.html");
  ASSERT_EQ(Run({"report", "my-job", "-o", path}), kSuccess) << err_;
  EXPECT_THAT(*ReadFile(path), Not(HasSubstr("Test episodes")));

  job.set_job_id("job-8");
  job.mutable_spec()->set_name("tested");
  *job.add_evaluations() = DoneEvaluation("job-8", "e-1");
  fake_.AddJob(job);
  ASSERT_EQ(Run({"report", "tested", "-o", path}), kSuccess) << err_;
  EXPECT_THAT(*ReadFile(path), HasSubstr("Test episodes"));

  fake_.RefuseEpisodeSamples();
  ASSERT_EQ(Run({"report", "tested", "-o", path}), kSuccess) << err_;
  EXPECT_THAT(*ReadFile(path), Not(HasSubstr("Test episodes")));
}

TEST_F(CommandLineTest, RefusesToCompareJobsOnDifferentData) {
  v1::Job job = AddJob(v1::SUCCEEDED, 5);
  job.set_job_id("job-8");
  job.mutable_spec()->set_name("other-job");
  job.set_dataset_sha256("another");
  fake_.AddJob(job);
  EXPECT_EQ(Run({"compare", "my-job", "other-job"}), kFailure);
  EXPECT_THAT(err_, HasSubstr("the data set"));
  EXPECT_EQ(fake_.last_evaluation().job_id(), "");
}

TEST_F(CommandLineTest, DownloadsACheckpoint) {
  v1::Artifact artifact;
  artifact.set_job_id("job-7");
  artifact.set_step(5);
  artifact.set_size_bytes(4);
  artifact.set_sha256(Sha256Hex("data"));
  fake_.SetArtifact(artifact, "data");
  const std::string path = TempPath("file");
  const Json json = RunJson({"download", "my-job@5", "-o", path});
  EXPECT_EQ(json["path"], path);
  EXPECT_EQ(json["step"], 5);
  EXPECT_EQ(*ReadFile(path), "data");
  EXPECT_EQ(RunJson({"download", "my-job", "--step", "5", "-o", path})["step"], 5);
  EXPECT_EQ(Run({"download", "my-job", "--step", "6", "-o", path}), kFailure);
}

std::string MakeDataset() {
  data::DatasetBuilder builder(1, 2, 2);
  builder.AddClass("a", "here");
  builder.AddImage(std::vector<uint8_t>{1, 2, 3, 4});
  std::string bytes;
  EXPECT_TRUE(builder
                  .Write("made by a test",
                         [&bytes](std::string_view piece) {
                           bytes += piece;
                           return absl::OkStatus();
                         })
                  .ok());
  return bytes;
}

TEST_F(CommandLineTest, ImportsListsAndShowsADataSet) {
  const std::string path = TempPath("data.safetensors");
  ASSERT_TRUE(WriteFileAtomically(path, MakeDataset()).ok());
  EXPECT_EQ(
      RunJson({"dataset", "import", "--format", "safetensors", path, "--name", "mine"})["name"],
      "mine");
  EXPECT_EQ(fake_.uploads()["mine"], MakeDataset());
  EXPECT_EQ(RunJson({"dataset", "list"})["datasets"][0]["sha256"], Sha256Hex(MakeDataset()));
  EXPECT_EQ(RunJson({"dataset", "show", "mine"})["class_list"][0]["name"], "Balinese/character01");
  EXPECT_EQ(Run({"dataset", "show", "mine"}), kSuccess);
  EXPECT_THAT(out_, HasSubstr("class names  Balinese/character01, Balinese/character02\n"));
}

TEST_F(CommandLineTest, ExportsShowsAndRemovesADataSet) {
  const std::string path = TempPath("data.safetensors");
  ASSERT_TRUE(WriteFileAtomically(path, MakeDataset()).ok());
  ASSERT_EQ(Run({"dataset", "import", "--format", "safetensors", path, "--name", "mine"}),
            kSuccess);
  const std::string copy = TempPath("copy.safetensors");
  EXPECT_EQ(RunJson({"dataset", "export", "mine", "-o", copy})["sha256"], Sha256Hex(MakeDataset()));
  EXPECT_EQ(*ReadFile(copy), MakeDataset());
  const std::string sheet = TempPath("sheet.png");
  EXPECT_EQ(Run({"dataset", "show", "mine", "--contact-sheet", sheet}), kSuccess) << err_;
  EXPECT_THAT(*ReadFile(sheet), StartsWith("\x89PNG"));
  EXPECT_EQ(RunJson({"dataset", "remove", "mine"})["removed"], "mine");
  EXPECT_TRUE(fake_.uploads().empty());
  EXPECT_EQ(Run({"dataset", "export", "mine", "-o", copy}), kFailure);
}

// A tree of two classes with two images each.
std::string MakeImageTree(const std::string& folder) {
  for (const char* name : {"a/1.png", "a/2.png", "b/1.png", "b/2.png"}) {
    const data::Raster image{
        .height = 2, .width = 4, .channels = 1, .pixels = {1, 2, 3, 4, 5, 6, 7, 8}};
    EXPECT_TRUE(WriteFileAtomically(folder + "/" + name, *data::EncodePngFile(image)).ok());
  }
  return folder;
}

TEST_F(CommandLineTest, ImportsAFolderOfImages) {
  const std::string tree = MakeImageTree(TempPath("tree"));
  const Json imported =
      RunJson({"dataset", "import", "--format", "folder", tree, "--name", "mine", "--size", "2x3",
               "--colour", "grey", "--crop", "none", "--split-fractions", "0.5,0,0.5"});
  EXPECT_EQ(imported["left_out"], Json::array());
  const std::string file = fake_.uploads()["mine"];
  EXPECT_EQ(imported["sent_bytes"], file.size());
  const auto view =
      data::ParseDataset({reinterpret_cast<const uint8_t*>(file.data()), file.size()});
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->index.width, 2u);
  EXPECT_EQ(view->index.height, 3u);
  EXPECT_EQ(view->index.channels, 1u);
  EXPECT_TRUE(view->index.has_splits());
}

TEST_F(CommandLineTest, CountsWhatAnImportLeavesOut) {
  const std::string tree = MakeImageTree(TempPath("tree"));
  ASSERT_TRUE(WriteFileAtomically(tree + "/a/readme.txt", "text").ok());
  const std::vector<std::string> import = {"dataset", "import", "--format", "folder",
                                           tree,      "--name", "mine"};
  EXPECT_EQ(Run(import), kFailure);
  EXPECT_THAT(err_, HasSubstr(tree + "/a/readme.txt: neither a PNG nor a JPEG image"));
  EXPECT_TRUE(fake_.uploads().empty());
  std::vector<std::string> skipping = import;
  skipping.push_back("--skip-bad");
  EXPECT_EQ(Run(skipping), kSuccess) << err_;
  EXPECT_THAT(out_, HasSubstr("left out 1:\n  " + tree + "/a/readme.txt: neither"));
}

TEST_F(CommandLineTest, TakesSplitsFromAFile) {
  const std::string tree = MakeImageTree(TempPath("tree"));
  const std::string splits = TempPath("splits.csv");
  ASSERT_TRUE(WriteFileAtomically(splits, "a,train\nc,test\n").ok());
  const std::vector<std::string> import = {"dataset", "import", "--format", "folder", tree,
                                           "--name",  "mine",   "--split",  splits};
  EXPECT_EQ(Run(import), kFailure);
  EXPECT_THAT(err_, HasSubstr("class 'b' is in no split"));
  ASSERT_TRUE(WriteFileAtomically(splits, "a,train\nb,tset\n").ok());
  EXPECT_EQ(Run(import), kFailure);
  EXPECT_THAT(err_, HasSubstr(splits + ": line 2: 'tset' is no split"));
  ASSERT_TRUE(WriteFileAtomically(splits, "a,train\nb,test\n").ok());
  EXPECT_EQ(Run(import), kSuccess) << err_;
}

TEST_F(CommandLineTest, RefusesOptionsThatDoNotGoTogether) {
  const std::vector<std::string> import = {"dataset", "import", "--format", "folder",
                                           "x",       "--name", "y"};
  for (const std::vector<std::string>& more :
       std::vector<std::vector<std::string>>{{"--crop", "left"},
                                             {"--colour", "blue"},
                                             {"--split-fractions", "0.5,0.5"},
                                             {"--split", "f", "--split-by-folder"},
                                             {"--split-fractions", "1,0,0", "--split-by-folder"}}) {
    std::vector<std::string> arguments = import;
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(RunPlain(arguments), kUsage) << more[0];
  }
  for (const char* size : {"0", "84x", "84x84x3", "big", "5000"}) {
    std::vector<std::string> arguments = import;
    arguments.insert(arguments.end(), {"--size", size});
    EXPECT_EQ(Run(arguments), kFailure);
    EXPECT_THAT(err_, HasSubstr("--size: '"));
  }
}

TEST_F(CommandLineTest, RefusesAFileThatIsNoDataSetBeforeSendingIt) {
  const std::string path = TempPath("data.safetensors");
  ASSERT_TRUE(WriteFileAtomically(path, "no data set").ok());
  EXPECT_EQ(Run({"dataset", "import", "--format", "safetensors", path, "--name", "mine"}),
            kFailure);
  EXPECT_THAT(err_, StartsWith("outerloop: " + path + ": "));
  EXPECT_TRUE(fake_.uploads().empty());
}

TEST_F(CommandLineTest, ListsAndShowsPresets) {
  EXPECT_EQ(RunPlain({"presets"}), kSuccess);
  EXPECT_THAT(out_, HasSubstr("maml-omniglot-5w1s"));
  EXPECT_EQ(RunPlain({"presets", "show", "maml-sinusoid"}), kSuccess);
  EXPECT_THAT(out_, HasSubstr("name: maml-sinusoid\n"));
  EXPECT_EQ(RunJson({"presets", "show", "maml-sinusoid"})["dataset"]["name"], "sinusoid");
  EXPECT_EQ(RunPlain({"presets", "show", "maml-sinusoids"}), kFailure);
}

TEST_F(CommandLineTest, SaysWhichServerIsMissing) {
  EXPECT_EQ(RunPlain({"up", "--bin-dir", "/no/such/folder"}), kFailure);
  EXPECT_THAT(err_, HasSubstr("/no/such/folder/outerloop-coordinator"));
}

}  // namespace
}  // namespace outerloop::client
