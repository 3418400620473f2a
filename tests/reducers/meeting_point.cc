#include "tests/reducers/meeting_point.h"

#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/protocol.h"
#include "gtest/gtest.h"

namespace outerloop::tests {
namespace {

// A connection of its own: members of one process would share one, as members never do.
std::shared_ptr<grpc::Channel> Connection(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

MeetingPoint::MeetingPoint() {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service_);
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
}

MeetingPoint::~MeetingPoint() {
  hub_.End("job", ~uint64_t{0});
  server_->Shutdown(std::chrono::system_clock::now());
}

std::unique_ptr<worker::Reducer> MeetingPoint::MakeMember(const std::string& address,
                                                          v1::Reducer kind, uint64_t generation,
                                                          uint32_t rank, uint32_t size) {
  v1::ReduceHeader header;
  header.set_job_id("job");
  header.set_generation(generation);
  header.set_rank(rank);
  header.set_size(size);
  return *worker::MakeReducer({.channel = Connection(address), .coordinator = address}, kind,
                              header);
}

Members::Members(MeetingPoint& point, v1::Reducer kind, uint64_t generation, uint32_t size,
                 uint32_t here) {
  point.Begin(generation, size);
  for (uint32_t rank = 0; rank < here; ++rank) {
    reducers_.push_back(MeetingPoint::MakeMember(point.address(), kind, generation, rank, size));
    endpoints_.push_back(reducers_.back()->endpoint());
  }
}

void Members::ForEach(const std::function<void(uint32_t)>& body) const {
  std::vector<std::thread> threads;
  for (uint32_t rank = 0; rank < size(); ++rank) threads.emplace_back(body, rank);
  for (std::thread& thread : threads) thread.join();
}

void Members::Connect() {
  ForEach([this](uint32_t rank) {
    const absl::Status status = reducers_[rank]->Connect(endpoints_, absl::InfiniteFuture());
    EXPECT_TRUE(status.ok()) << status;
  });
}

}  // namespace outerloop::tests
