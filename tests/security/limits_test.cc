// What nobody can do to a coordinator while a job trains: messages that are too large, streams that
// dawdle, connections without number, more jobs and uploads than are allowed.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "common/file_limit.h"
#include "common/grpc_status.h"
#include "common/sha256.h"
#include "common/test_connection.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "outerloop/v1/dataset_service.grpc.pb.h"
#include "tests/security/credentials.h"
#include "tests/security/raw_call.h"

namespace outerloop::tests {
namespace {

using ::testing::HasSubstr;

// As many connections as the test's own limit of open files allows, up to this.
constexpr uint64_t kMostIdle = 10'000;

// Connections that never say a word.
std::vector<std::unique_ptr<TestConnection>> Connect(const std::string& address, int count) {
  int port = 0;
  EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
  std::vector<std::unique_ptr<TestConnection>> connections;
  for (int i = 0; i < count; ++i) {
    connections.push_back(std::make_unique<TestConnection>(port));
    EXPECT_TRUE(connections.back()->connected()) << i;
  }
  return connections;
}

// Polls until the other side has closed all but so many.
bool AreClosedBut(const std::vector<std::unique_ptr<TestConnection>>& connections, int kept) {
  const absl::Time deadline = absl::Now() + absl::Minutes(2);
  while (absl::Now() < deadline) {
    int open = 0;
    for (const auto& connection : connections) open += connection->IsClosed() ? 0 : 1;
    if (open <= kept) return true;
    absl::SleepFor(absl::Milliseconds(50));
  }
  return false;
}

// A cluster whose coordinator has these flags as well, with a job that trains.
class Limits : public testing::Test {
 protected:
  void Train(std::vector<std::string> flags, uint64_t steps = 600) {
    std::vector<std::string> all = credentials_.TlsAndTokens();
    all.insert(all.end(), flags.begin(), flags.end());
    cluster_ = std::make_unique<Cluster>(
        credentials_.Cluster(all, credentials_.Certificate("client/ada")));
    cluster_->StartWorker();
    job_id_ = cluster_->Submit(SmallMamlJob("trains", steps));
    cluster_->AwaitJob(job_id_, [](const v1::Job& job) { return job.step() >= 5; });
  }
  // The job has not been interrupted once.
  void ExpectUnharmed() {
    const v1::Job job = cluster_->AwaitJob(job_id_, [](const v1::Job&) { return false; });
    EXPECT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
    EXPECT_EQ(job.generation(), 1u);
  }
  std::shared_ptr<grpc::Channel> ChannelOfBob() {
    return RawChannel(cluster_->address(), credentials_.Certificate("client/bob"));
  }

  Credentials credentials_;
  const TestFolder data_;  // Of a coordinator beside the cluster.
  std::unique_ptr<Cluster> cluster_;
  std::string job_id_;
};

TEST_F(Limits, RefuseAMessageThatIsTooLarge) {
  Train({"--max-message-mib", "2"});
  v1::GetJobRequest request;
  request.set_job_id(std::string(3 << 20, 'x'));
  const absl::Status status =
      RawCall(ChannelOfBob(), "outerloop.v1.JobService/GetJob", request.SerializeAsString());
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("larger than max"));
  ExpectUnharmed();
}

TEST_F(Limits, EndAStreamThatDawdles) {
  Train({"--upload-timeout", "0.5"});
  const auto stub = v1::DatasetService::NewStub(ChannelOfBob());
  grpc::ClientContext context;
  SetTimeout(context, absl::Minutes(2));
  v1::ImportDatasetResponse response;
  const auto upload = stub->ImportDataset(&context, &response);
  v1::ImportDatasetRequest request;
  request.mutable_header()->set_name("slow");
  request.mutable_header()->set_sha256(Sha256Hex("slow"));
  request.mutable_header()->set_size_bytes(4);
  EXPECT_TRUE(upload->Write(request));
  const absl::Status status = FromGrpcStatus(upload->Finish());  // Nothing more is ever sent.
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("nothing came for 500ms"));
  ExpectUnharmed();
}

TEST_F(Limits, LetAnOwnerHaveSoManyUploads) {
  Train({"--max-uploads-per-owner", "1"});
  const auto stub = v1::DatasetService::NewStub(ChannelOfBob());
  v1::ImportDatasetResponse nothing;
  const auto begin = [&](grpc::ClientContext& context, const std::string& name) {
    auto upload = stub->ImportDataset(&context, &nothing);
    v1::ImportDatasetRequest request;
    request.mutable_header()->set_name(name);
    request.mutable_header()->set_sha256(Sha256Hex(name));
    request.mutable_header()->set_size_bytes(4);
    upload->Write(request);
    return upload;
  };
  grpc::ClientContext first_context;
  grpc::ClientContext second_context;
  const auto first = begin(first_context, "first");
  // Its header has come once the coordinator says that somebody sends it.
  v1::GetUploadRequest request;
  request.set_sha256(Sha256Hex("first"));
  request.set_size_bytes(4);
  v1::GetUploadResponse response;
  while (!response.in_progress()) {
    grpc::ClientContext context;
    ASSERT_TRUE(stub->GetUpload(&context, request, &response).ok());
  }
  const absl::Status status = FromGrpcStatus(begin(second_context, "second")->Finish());
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("1 uploads of bob"));
  first_context.TryCancel();
  first->Finish();
  ExpectUnharmed();
}

TEST_F(Limits, LetAnOwnerHaveSoManyJobs) {
  Train({"--max-jobs-per-owner", "2"});
  EXPECT_TRUE(cluster_->client().SubmitJob(SmallMamlJob("second", 10)).ok());
  const absl::Status status = cluster_->client().SubmitJob(SmallMamlJob("third", 10)).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("2 jobs of ada have not ended"));
  EXPECT_TRUE(cluster_->client().CancelJob("second").ok());
  EXPECT_TRUE(cluster_->client().SubmitJob(SmallMamlJob("third", 10)).ok());
  EXPECT_TRUE(cluster_->client().CancelJob("third").ok());
  ExpectUnharmed();
}

TEST_F(Limits, TurnAwayConnectionsBeyondTheirNumber) {
  Train({"--max-connections", "50"});
  const auto idle = Connect(cluster_->address(), 500);
  EXPECT_TRUE(AreClosedBut(idle, 50));
  EXPECT_GE(Total(cluster_->ScrapeCoordinator(), "outerloop_connections_turned_away_total"), 400);
  EXPECT_TRUE(cluster_->client().GetJob(job_id_).ok());  // Over a connection that it has.
  ExpectUnharmed();
}

TEST_F(Limits, ShedTenThousandConnectionsThatSayNothing) {
  const uint64_t files = RaiseFileLimit();
  ASSERT_GE(files, 4000u);
  Train({"--handshake-timeout", "2"}, /*steps=*/1000);
  const auto idle =
      Connect(cluster_->address(), static_cast<int>(std::min(kMostIdle, files - 2000)));
  EXPECT_TRUE(cluster_->client().GetJob(job_id_).ok());
  EXPECT_TRUE(RawCall(ChannelOfBob(), "outerloop.v1.JobService/ListJobs").ok());
  EXPECT_TRUE(AreClosedBut(idle, 0));
  ExpectUnharmed();
}

// gRPC's own listener would never listen again.
TEST_F(Limits, SurviveMoreConnectionsThanThereAreFiles) {
  Process coordinator({"/bin/bash", "-c",
                       "ulimit -n 100; exec " + Cluster::Binary("outerloop-coordinator") +
                           " --listen localhost:0 --metrics-port 0 --max-connections 1000" +
                           " --handshake-timeout 1 --data-dir " + data_ / "data"},
                      data_ / "coordinator.log");
  const std::string address = coordinator.AwaitLine("listening on ");
  ASSERT_NE(address, "");
  const auto idle = Connect(address, 300);
  EXPECT_TRUE(AreClosedBut(idle, 0));
  EXPECT_TRUE(RawCall(RawChannel(address, {}), "outerloop.v1.JobService/ListJobs").ok());
}

}  // namespace
}  // namespace outerloop::tests
