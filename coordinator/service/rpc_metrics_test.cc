#include "coordinator/service/rpc_metrics.h"

#include <memory>
#include <utility>
#include <vector>

#include "common/metrics_server.h"
#include "common/test_scrape.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "outerloop/v1/job_service.grpc.pb.h"
#include "outerloop/v1/worker_service.grpc.pb.h"

namespace outerloop::coordinator {
namespace {

// Finds one job, and has no others.
class FakeJobs final : public v1::JobService::Service {
  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest* request,
                      v1::GetJobResponse*) override {
    return request->job_id() == "there" ? grpc::Status::OK
                                        : grpc::Status(grpc::StatusCode::NOT_FOUND, "no such job");
  }
};

class FakeWorkers final : public v1::WorkerService::Service {
  grpc::Status Session(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::CoordinatorMessage, v1::WorkerMessage>*) override {
    return grpc::Status::OK;
  }
};

class RpcMetricsTest : public testing::Test {
 protected:
  void SetUp() override {
    grpc::ServerBuilder builder;
    builder.RegisterService(&jobs_);
    builder.RegisterService(&workers_);
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> watchers;
    watchers.push_back(metrics_.Watcher());
    builder.experimental().SetInterceptorCreators(std::move(watchers));
    server_ = builder.BuildAndStart();
    channel_ = server_->InProcessChannel({});
  }
  grpc::StatusCode GetJob(const std::string& job_id) {
    grpc::ClientContext context;
    v1::GetJobRequest request;
    request.set_job_id(job_id);
    v1::GetJobResponse response;
    return v1::JobService::NewStub(channel_)->GetJob(&context, request, &response).error_code();
  }
  // All that was counted until now: the server waits for its calls.
  Scraped Ended() {
    server_->Shutdown();
    return Scrape(scraper_->port());
  }

  std::unique_ptr<MetricsServer> scraper_ = *MetricsServer::Start("127.0.0.1", 0);
  RpcMetrics metrics_{scraper_->registry()};
  FakeJobs jobs_;
  FakeWorkers workers_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(RpcMetricsTest, CountsCallsByMethodAndCodeAndTimesThem) {
  EXPECT_EQ(GetJob("there"), grpc::StatusCode::OK);
  EXPECT_EQ(GetJob("there"), grpc::StatusCode::OK);
  EXPECT_EQ(GetJob("elsewhere"), grpc::StatusCode::NOT_FOUND);
  const Scraped scraped = Ended();
  const std::string calls = "outerloop_rpc_total{code=\"";
  EXPECT_EQ(scraped.at(calls + "OK\",method=\"JobService/GetJob\"}"), 2);
  EXPECT_EQ(scraped.at(calls + "NOT_FOUND\",method=\"JobService/GetJob\"}"), 1);
  EXPECT_EQ(scraped.at("outerloop_rpc_seconds_count{method=\"JobService/GetJob\"}"), 3);
}

TEST_F(RpcMetricsTest, SeesNeitherSessionsNorMethodsThatNobodyServes) {
  grpc::ClientContext session_context;
  EXPECT_TRUE(v1::WorkerService::NewStub(channel_)->Session(&session_context)->Finish().ok());
  v1::GetJobRequest request;
  v1::CancelJobResponse response;
  grpc::ClientContext context;
  grpc::internal::RpcMethod invented("/outerloop.v1.JobService/Invented",
                                     grpc::internal::RpcMethod::NORMAL_RPC);
  EXPECT_EQ((grpc::internal::BlockingUnaryCall<v1::GetJobRequest, v1::CancelJobResponse>(
                 channel_.get(), invented, &context, request, &response)
                 .error_code()),
            grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(Total(Ended(), "outerloop_rpc_total"), 0);
}

}  // namespace
}  // namespace outerloop::coordinator
