// Wrong input gets an answer that says what was wrong and what is allowed, and harms nothing.
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/grpc_status.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "outerloop/v1/worker_service.grpc.pb.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {
namespace {

using testing::HasSubstr;

class BadInput : public testing::Test {
 protected:
  absl::Status Refusal(const v1::JobSpec& spec) {
    return cluster_.client().SubmitJob(spec).status();
  }

  // The command line, against this coordinator.
  Ending Outerloop(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), Cluster::Binary("outerloop"));
    arguments.push_back("--address");
    arguments.push_back(cluster_.address());
    return RunToEnd(arguments);
  }

  Cluster cluster_;
};

TEST_F(BadInput, MoreWaysThanTheSplitHasClasses) {
  v1::JobSpec spec = SmallMamlJob("ways", 10);
  spec.mutable_episode()->mutable_classification()->set_ways(11);
  const absl::Status status = Refusal(spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("episode.classification.ways"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("11"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("10"));
}

TEST_F(BadInput, MoreExamplesThanAClassHas) {
  v1::JobSpec spec = SmallMamlJob("shots", 10);
  spec.mutable_episode()->mutable_classification()->set_shots(15);
  spec.mutable_episode()->mutable_classification()->set_queries(6);
  const absl::Status status = Refusal(spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("episode.classification.shots"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("20"));
}

TEST_F(BadInput, LayersThatDoNotFitTheImages) {
  v1::JobSpec spec = SmallMamlJob("layers", 10);
  v1::Sequential& network = *spec.mutable_model()->mutable_sequential();
  network.add_layers()->mutable_convolution()->set_filters(2);
  for (int i = 0; i < 5; ++i) network.add_layers()->mutable_max_pool();
  const absl::Status status = Refusal(spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("model.sequential.layers[5].max_pool"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("images of 2 x 1 x 1"));
}

TEST_F(BadInput, AnUnknownDataSet) {
  v1::JobSpec spec = SmallMamlJob("unknown", 10);
  spec.mutable_dataset()->set_name("stroke");
  const absl::Status status = Refusal(spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("dataset.name"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("did you mean 'strokes'?"));
}

TEST_F(BadInput, AnUnknownKeyInTheFile) {
  const std::string path = cluster_.folder() / "job.yaml";
  std::ofstream(path) << "name: typo\ntrainning: {steps: 10}\n";
  const Ending run = Outerloop({"submit", path});
  EXPECT_NE(run.code, 0);
  EXPECT_THAT(run.output, HasSubstr("trainning"));
  EXPECT_THAT(run.output, HasSubstr("did you mean 'training'?"));
}

TEST_F(BadInput, AJobWithoutWorkersWaitsAndSaysForWhat) {
  const std::string job_id = cluster_.Submit(SmallMamlJob("alone", 10));
  const auto job = cluster_.client().GetJob(job_id);
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(job->state(), v1::QUEUED);
  EXPECT_THAT(job->reason(), HasSubstr("none is connected"));
}

TEST_F(BadInput, AnArchiveThatIsCutShort) {
  const std::string archive = cluster_.folder() / "images_background.zip";
  std::ofstream(archive) << "PK\x03\x04 and then nothing of use";
  const Ending run = Outerloop(
      {"dataset", "import", "--format", "omniglot", cluster_.folder().path(), "--name", "cut"});
  EXPECT_NE(run.code, 0);
  EXPECT_THAT(run.output, HasSubstr("images_background.zip"));
  EXPECT_TRUE(cluster_.client().ListDatasets()->empty());
}

TEST_F(BadInput, AFileThatIsNoDataSet) {
  const std::string path = cluster_.folder() / "file";
  std::ofstream(path) << "just text, and more of it";
  const auto imported = cluster_.client().ImportDataset("text", path, [](uint64_t, uint64_t) {});
  EXPECT_EQ(imported.status().code(), absl::StatusCode::kInvalidArgument) << imported.status();
  EXPECT_TRUE(cluster_.client().ListDatasets()->empty());
}

TEST_F(BadInput, AJobThatIsNotThere) {
  cluster_.Submit(SmallMamlJob("present", 10));
  const absl::Status status = cluster_.client().GetJob("presnt").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("did you mean 'present'?"));
}

TEST_F(BadInput, AWorkerOfAnotherProtocolVersion) {
  auto stub = v1::WorkerService::NewStub(
      grpc::CreateChannel(cluster_.address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  SetTimeout(context, absl::Minutes(1));
  auto stream = stub->Session(&context);
  v1::WorkerMessage hello;
  hello.mutable_hello()->set_protocol_version(99);
  hello.mutable_hello()->set_worker_id("from-the-future");
  stream->Write(hello);
  v1::CoordinatorMessage answer;
  EXPECT_FALSE(stream->Read(&answer));
  const absl::Status status = FromGrpcStatus(stream->Finish());
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("99"));
}

TEST_F(BadInput, ADataFolderOfAnotherCoordinator) {
  const Ending run = RunToEnd({Cluster::Binary("outerloop-coordinator"), "--listen", "localhost:0",
                               "--metrics-port", "0", "--data-dir", cluster_.folder() / "data"});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.output, HasSubstr(std::to_string(cluster_.coordinator().pid())));
}

TEST_F(BadInput, APortInUse) {
  const Ending run =
      RunToEnd({Cluster::Binary("outerloop-coordinator"), "--listen", cluster_.address(),
                "--metrics-port", "0", "--data-dir", cluster_.folder() / "other"});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.output, HasSubstr("--listen"));
  EXPECT_THAT(run.output, HasSubstr(cluster_.address()));
}

}  // namespace
}  // namespace outerloop::tests
