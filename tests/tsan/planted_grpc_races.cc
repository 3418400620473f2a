#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "outerloop/v1/job_service.grpc.pb.h"
#include "tests/tsan/planted_races.h"

namespace outerloop::tests {
namespace {

// Counts arrivals. The atomics are relaxed: to arrive, or to see that another has, orders nothing
// that a thread does before or after, and so hides no race.
class Meeting {
 public:
  void Arrive() { arrived_.fetch_add(1, std::memory_order_relaxed); }
  void Await(int count) const {
    while (arrived_.load(std::memory_order_relaxed) < count) std::this_thread::yield();
  }

 private:
  std::atomic<int> arrived_ = 0;
};

// A number that two threads add to: each under the mutex, or with `racy` without.
class SharedNumber {
 public:
  explicit SharedNumber(bool racy) : racy_(racy) {}

  void Add() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (!racy_) mu_.Lock();
    value_ = value_ + 1;
    if (!racy_) mu_.Unlock();
  }

 private:
  const bool racy_;
  absl::Mutex mu_;
  volatile int value_ = 0;  // Compilers leave no access out.
};

// Answers ListJobs after `on_list`, and WatchJob by one message.
class Service final : public v1::JobService::Service {
 public:
  explicit Service(std::function<void()> on_list = [] {}) : on_list_(std::move(on_list)) {}

  grpc::Status ListJobs(grpc::ServerContext*, const v1::ListJobsRequest*,
                        v1::ListJobsResponse*) override {
    on_list_();
    return grpc::Status::OK;
  }

  grpc::Status WatchJob(grpc::ServerContext*, const v1::WatchJobRequest*,
                        grpc::ServerWriter<v1::WatchJobResponse>* stream) override {
    stream->Write({});
    return grpc::Status::OK;
  }

 private:
  const std::function<void()> on_list_;
};

// A server on a free port of this machine, and clients of it.
class Server {
 public:
  explicit Server(Service* service) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("localhost:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service);
    server_ = builder.BuildAndStart();
    stub_ = v1::JobService::NewStub(
        grpc::CreateChannel(absl::StrCat("localhost:", port), grpc::InsecureChannelCredentials()));
  }

  v1::JobService::Stub& stub() { return *stub_; }

 private:
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::JobService::Stub> stub_;
};

// Watches a job, and calls `on_message` for the one message that comes.
class Watcher final : private grpc::ClientReadReactor<v1::WatchJobResponse> {
 public:
  explicit Watcher(std::function<void()> on_message) : on_message_(std::move(on_message)) {}

  void Start(v1::JobService::Stub& stub) {
    stub.async()->WatchJob(&context_, &request_, this);
    StartRead(&response_);
    StartCall();
  }
  void Await() { done_.WaitForNotification(); }

 private:
  void OnReadDone(bool ok) override {
    if (ok) on_message_();
  }
  void OnDone(const grpc::Status&) override { done_.Notify(); }

  const std::function<void()> on_message_;
  grpc::ClientContext context_;
  v1::WatchJobRequest request_;
  v1::WatchJobResponse response_;
  absl::Notification done_;
};

void ListJobs(v1::JobService::Stub& stub) {
  grpc::ClientContext context;
  v1::ListJobsResponse response;
  stub.ListJobs(&context, {}, &response);
}

}  // namespace

void HandleTwoCalls(bool racy) {
  SharedNumber number(racy);
  Meeting meeting;
  Service service([&] {
    meeting.Arrive();
    meeting.Await(2);
    number.Add();
  });
  Server server(&service);
  std::thread first([&] { ListJobs(server.stub()); });
  ListJobs(server.stub());
  first.join();
}

void ReactToAMessage(bool racy) {
  SharedNumber number(racy);
  Meeting meeting;
  Service service;
  Server server(&service);
  Watcher watcher([&] {
    number.Add();
    meeting.Arrive();
  });
  watcher.Start(server.stub());
  meeting.Await(1);
  number.Add();
  watcher.Await();
}

void ReactWithWhatWasThere(bool racy) {
  int there = 0, seen = 0;
  Service service;
  Server server(&service);
  Watcher watcher([&] { seen = there; });
  if (!racy) there = 1;
  watcher.Start(server.stub());
  if (racy) there = 1;
  watcher.Await();
}

}  // namespace outerloop::tests
