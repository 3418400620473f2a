#include "client/job_report.h"

#include <cmath>
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"

#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

v1::Job MakeJob() {
  v1::Job job;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
    job_id: "j1"
    spec {
      name: "maml" dataset { name: "omniglot" } training { steps: 2000 }
      published { split: TEST mode: TRANSDUCTIVE inner_steps: 3 value: 0.949
                  source: "of other tasks" ways: 20 }
      published { split: TEST mode: TRANSDUCTIVE inner_steps: 3 value: 0.987 ci95: 0.004
                  source: "Finn et al. 2017, table 1" ways: 5 shots: 1 }
    }
    state: SUCCEEDED step: 2000 generation: 1 workers: 2 parameters_sha256: "abc"
    started { seconds: 100 } finished { seconds: 183 }
    evaluations {
      evaluation_id: "e1" step: 2000 state: EVALUATION_DONE
      spec { split: TEST ways: 5 shots: 1 }
      results { split: TEST mode: TRANSDUCTIVE inner_steps: 3 metric: "accuracy" tasks: 1000
                mean: 0.9731 ci95: 0.0042 }
      results { split: TEST mode: INDUCTIVE inner_steps: 3 metric: "accuracy" tasks: 1000
                mean: 0.95 ci95: 0.005 }
    }
    evaluations { evaluation_id: "e2" state: EVALUATION_FAILED reason: "no worker"
                  spec { split: TRAIN } })",
                                                            &job));
  return job;
}

TEST(JobReportTest, SetsResultsBesideThePublishedFigures) {
  EXPECT_EQ(
      EndReport(MakeJob()),
      "job j1 (maml) SUCCEEDED at step 2000/2000 after 1:23\n"
      "\n"
      "SPLIT  MODE          TASK          STEP  INNER STEPS  TASKS  METRIC        MEAN ± 95%"
      "       "
      "PUBLISHED  SOURCE\n"
      "test   transductive  5-way 1-shot  2000            3   1000  accuracy  97.31 ± 0.42 %  "
      "98.70 ± 0.40 %  Finn et al. 2017, table 1\n"
      "test   inductive     5-way 1-shot  2000            3   1000  accuracy  95.00 ± 0.50 %\n"
      "evaluation on train failed: no worker\n"
      "\n"
      "parameters_sha256 abc\n");
}

TEST(JobReportTest, SaysWhyAJobFailed) {
  v1::Job job;
  job.set_job_id("j2");
  job.mutable_spec()->set_name("maml");
  job.set_state(v1::FAILED);
  job.set_reason("gradient overflow at step 3");
  EXPECT_EQ(EndReport(job), "job j2 (maml) FAILED at step 0/0: gradient overflow at step 3\n");
}

// Programs rely on these names.
TEST(JobReportTest, KeepsTheNamesOfItsJson) {
  const Json json = JobToJson(MakeJob());
  std::vector<std::string> names;
  for (const auto& [name, value] : json.items()) names.push_back(name);
  EXPECT_THAT(names,
              testing::ElementsAre("job_id", "name", "state", "reason", "owner", "priority", "step",
                                   "steps", "generation", "workers", "parameters_sha256", "dataset",
                                   "dataset_sha256", "checkpoint_step", "created", "started",
                                   "finished", "evaluations", "checkpoints"));
  EXPECT_EQ(json["state"], "SUCCEEDED");
  EXPECT_EQ(json["steps"], 2000);
  EXPECT_TRUE(json["created"].is_null());
  EXPECT_EQ(json["finished"], "1970-01-01T00:03:03Z");
  ASSERT_EQ(json["evaluations"].size(), 2u);
  EXPECT_EQ(
      json["evaluations"][0].dump(),
      R"({"evaluation_id":"e1","step":2000,"split":"TEST","mode":"TRANSDUCTIVE",)"
      R"("metric":"accuracy","inner_steps":3,"ways":5,"shots":1,"tasks":1000,"mean":0.9731,"ci95":0.0042,)"
      R"("published":{"value":0.987,"ci95":0.004,"source":"Finn et al. 2017, table 1"}})");
  EXPECT_TRUE(json["evaluations"][1]["published"].is_null());
}

TEST(JobReportTest, NamesTasksWithoutClassesByTheirShots) {
  v1::Job job = MakeJob();
  job.mutable_evaluations(0)->mutable_spec()->clear_ways();
  EXPECT_THAT(EndReport(job), testing::HasSubstr("inductive     1-shot  2000"));
  EXPECT_TRUE(JobToJson(job)["evaluations"][0]["ways"].is_null());
}

v1::Job WithCheckpoints() {
  v1::Job job;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
    checkpoints { step: 500 sha256: "f1" size_bytes: 2048 parameters_sha256: "p1"
                  created { seconds: 100 } loss: 0.25 best: true }
    checkpoints { step: 1000 sha256: "f2" size_bytes: 2048 parameters_sha256: "p2" loss: inf }
    checkpoints { step: 1500 sha256: "f3" size_bytes: 2048 parameters_sha256: "p3" })",
                                                            &job));
  return job;
}

TEST(JobReportTest, ListsCheckpointsAndMarksTheBest) {
  const std::string table = CheckpointTable(WithCheckpoints());
  EXPECT_THAT(table, testing::MatchesRegex("CHECKPOINT +LOSS +SIZE +CREATED +SHA256\n"
                                           " +500 +0\\.25 +best +.*f1\n"
                                           " +1000 +inf .*f2\n"
                                           " +1500 .*f3\n"));
  EXPECT_EQ(CheckpointTable(MakeJob()), "");
}

TEST(JobReportTest, GivesCheckpointsToProgramsWithoutNumbersThatJsonLacks) {
  const Json json = JobToJson(WithCheckpoints())["checkpoints"];
  ASSERT_EQ(json.size(), 3u);
  EXPECT_EQ(json[0].dump(),
            R"({"step":500,"sha256":"f1","size_bytes":2048,"parameters_sha256":"p1",)"
            R"("created":"1970-01-01T00:01:40Z","loss":0.25,"best":true})");
  EXPECT_TRUE(json[1]["loss"].is_null());
  EXPECT_TRUE(json[2]["loss"].is_null());
}

TEST(JobReportTest, WritesScoresInTheirMetricsUnit) {
  EXPECT_EQ(FormatScore("accuracy", 0.987, 0), "98.70 %");
  EXPECT_EQ(FormatScore("mse", 0.6712, 0.0213), "0.6712 ± 0.021");
  EXPECT_EQ(FormatScore("mse", 0.67, 0), "0.67");
  EXPECT_EQ(FormatScore("mse", INFINITY, NAN), "not finite: a task diverged");
}

}  // namespace
}  // namespace outerloop::client
