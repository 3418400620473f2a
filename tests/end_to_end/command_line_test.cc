// The command line as people use it: `outerloop up` and every verb, as processes.
#include <signal.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/cluster.h"
#include "tests/support/process.h"

namespace outerloop::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class CommandLine : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TestFolder>();
    up_ = std::make_unique<Process>(
        std::vector<std::string>{Cluster::Binary("outerloop"), "up", "--workers", "2", "--threads",
                                 "1", "--listen", "localhost:0", "--metrics-port", "0",
                                 "--data-dir", *folder_ / "data"},
        *folder_ / "up.log");
    const std::string line = up_->AwaitLine("outerloop is up at ");
    address_ = line.substr(0, line.find(' '));
    ASSERT_FALSE(address_.empty()) << Log();
  }

  static void TearDownTestSuite() {
    up_->Signal(SIGTERM);
    EXPECT_EQ(up_->Wait(), 0) << Log();
    up_ = nullptr;
    folder_ = nullptr;
  }

  static std::string Log() {
    std::ifstream file(*folder_ / "up.log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  struct Result {
    int code;
    std::string output;
  };
  static Result Outerloop(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {Cluster::Binary("outerloop"), "--address", address_});
    Process process(arguments, *folder_ / "stderr");
    const std::string output = process.ReadAll();
    return {process.Wait(), output};
  }
  // With --output json; the verb must succeed.
  static json Json(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--output", "json"});
    const Result result = Outerloop(arguments);
    EXPECT_EQ(result.code, 0) << result.output << Log();
    return json::parse(result.output, nullptr, /*allow_exceptions=*/false);
  }

  // A short job, run once, for the tests that look at one.
  static const json& FinishedJob() {
    static const json job =
        Json({"submit", "--preset", "maml-omniglot-5w1s", "--set", "name=finished", "--set",
              "dataset.name=strokes", "--set", "training.steps=6", "--set", "model.conv4.filters=8",
              "--set", "evaluations[0].tasks=24", "--set", "checkpoints.every_steps=3", "--wait"});
    return job;
  }

  static std::unique_ptr<TestFolder> folder_;
  static std::unique_ptr<Process> up_;
  static std::string address_;
};

std::unique_ptr<TestFolder> CommandLine::folder_;
std::unique_ptr<Process> CommandLine::up_;
std::string CommandLine::address_;

TEST_F(CommandLine, SubmitsAndWaits) {
  const json& job = FinishedJob();
  EXPECT_EQ(job.at("state"), "SUCCEEDED");
  EXPECT_EQ(job.at("step"), 6);
  EXPECT_EQ(job.at("steps"), 6);
  EXPECT_EQ(job.at("parameters_sha256").get<std::string>().size(), 64u);
  ASSERT_EQ(job.at("evaluations").size(), 2u);  // Transductive and inductive.
  for (const json& evaluation : job.at("evaluations")) {
    EXPECT_EQ(evaluation.at("tasks"), 24);
    EXPECT_GT(evaluation.at("mean"), 0.0);
    EXPECT_GT(evaluation.at("ci95"), 0.0);
  }
}

TEST_F(CommandLine, ListsAndDescribes) {
  const std::string job_id = FinishedJob().at("job_id");
  EXPECT_THAT(Outerloop({"list"}).output, HasSubstr(job_id));
  EXPECT_EQ(Json({"describe", "finished"}).at("job_id"), job_id);
  EXPECT_THAT(Outerloop({"describe", job_id}).output, HasSubstr("Finn et al. 2017"));
  EXPECT_EQ(Outerloop({"watch", job_id}).code, 0);
}

TEST_F(CommandLine, DownloadsACheckpointThatPythonReads) {
  const json& job = FinishedJob();
  const std::string path = *folder_ / "checkpoint.safetensors";
  ASSERT_EQ(Outerloop({"download", "finished", "--file", path}).code, 0);
  Process python({OUTERLOOP_PYTHON, "-B", OUTERLOOP_CHECK_CHECKPOINT, path}, *folder_ / "stderr");
  EXPECT_THAT(python.ReadAll(),
              HasSubstr(absl::StrCat("step 6 parameters_sha256 ",
                                     job.at("parameters_sha256").get<std::string>())));
  EXPECT_EQ(python.Wait(), 0);
}

TEST_F(CommandLine, EvaluatesAnEarlierCheckpoint) {
  FinishedJob();
  const json evaluation = Json(
      {"evaluate", "finished@3", "--split", "validation", "--tasks", "10", "--inner-steps", "1,2"});
  EXPECT_EQ(evaluation.at("step"), 3);
  EXPECT_EQ(evaluation.at("evaluations").size(), 4u);  // Two modes, after one and two steps.
}

TEST_F(CommandLine, ShowsDataSetsAndWorkers) {
  FinishedJob();
  EXPECT_THAT(Outerloop({"dataset", "list"}).output, HasSubstr("strokes"));
  EXPECT_THAT(Outerloop({"dataset", "show", "strokes"}).output, HasSubstr("1623"));
  EXPECT_EQ(Json({"workers"}).at("workers").size(), 2u);
}

TEST_F(CommandLine, SearchesAndShowsWhatItFound) {
  const std::string file = *folder_ / "sweep.yaml";
  std::ofstream(file) << R"(
name: searched
job:
  extends: maml-sinusoid
  training: {steps: 20}
  evaluations: [{tasks: 20, inner_steps: [1]}]
axes:
  meta_optimizer.adam.rate: {values: [0.001, 0.01]}
halving: {first_steps: 10, reduction: 2}
objective: {evaluation: {tasks: 20}}
)";
  EXPECT_THAT(Outerloop({"sweep", file, "--dry-run"}).output, HasSubstr("TRIAL  rate"));
  const json sweep = Json({"sweep", file, "--set", "training.steps=15", "--wait"});
  EXPECT_EQ(sweep.at("state"), "SUCCEEDED");
  ASSERT_EQ(sweep.at("trials").size(), 2u);
  const json best = sweep.at("trials").at(sweep.at("best").get<size_t>());
  EXPECT_EQ(best.at("scores").at(1).at("step"), 15);
  ASSERT_EQ(sweep.at("evaluations").size(), 1u);
  EXPECT_EQ(sweep.at("evaluations").at(0).at("split"), "TEST");
  EXPECT_EQ(Json({"describe", best.at("job_id")}).at("state"), "SUCCEEDED");

  EXPECT_THAT(Outerloop({"sweep", "show", "searched"}).output, HasSubstr("the best is trial"));
  EXPECT_EQ(Json({"sweep", "list"}).at("sweeps").size(), 1u);
  EXPECT_EQ(Outerloop({"sweep", "cancel", "searched"}).code, 1) << "it has ended";
  EXPECT_EQ(Outerloop({"sweep", "show", "serched"}).code, 1);
  EXPECT_EQ(Outerloop({"sweep", file, "--set", "training.steps=10"}).code, 1)
      << "the first rung is beyond the last step";
  EXPECT_EQ(Outerloop({"sweep"}).code, 2);
}

TEST_F(CommandLine, CancelsAJobAndSaysSoToItsWatcher) {
  const json job = Json({"submit", "--preset", "maml-sinusoid", "--set", "name=endless", "--set",
                         "training.steps=1000000"});
  const std::string job_id = job.at("job_id");
  ASSERT_EQ(Outerloop({"cancel", job_id}).code, 0);
  EXPECT_NE(Outerloop({"watch", job_id}).code, 0);
  EXPECT_EQ(Json({"describe", job_id}).at("state"), "CANCELLED");
}

TEST_F(CommandLine, RefusesAJobThatIsNotThere) {
  FinishedJob();
  const Result result = Outerloop({"describe", "finishd"});
  EXPECT_EQ(result.code, 1);
}

}  // namespace
}  // namespace outerloop::tests
