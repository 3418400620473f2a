#include "worker/testing/fake_coordinator.h"

#include <atomic>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/protocol.h"
#include "common/sha256.h"
#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

// For what a working worker does at once.
constexpr absl::Duration kPatience = absl::Seconds(30);

// Waits until `condition` holds; fails the test if it never does.
template <typename Condition>
void Await(absl::Mutex& mu, const Condition& condition, const char* what)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
  if (!mu.AwaitWithTimeout(absl::Condition(&condition), kPatience)) {
    ADD_FAILURE() << "waited in vain for " << what;
    std::abort();  // What follows would wait in vain too.
  }
}

}  // namespace

// ---- Connection

grpc::Status FakeCoordinator::Connection::Serve(Stream* stream) {
  v1::WorkerMessage message;
  while (stream->Read(&message)) {
    absl::MutexLock lock(&mu_);
    if (message.has_heartbeat()) {
      ++heartbeats_;
      heartbeat_ = message.heartbeat();
    } else {
      received_.push_back(message);
    }
  }
  absl::MutexLock lock(&mu_);
  context_ = nullptr;
  stream_ = nullptr;
  return grpc::Status::OK;
}

void FakeCoordinator::Connection::Send(const v1::CoordinatorMessage& message) {
  absl::MutexLock lock(&mu_);
  if (stream_ != nullptr) stream_->Write(message);
}

v1::WorkerMessage FakeCoordinator::Connection::Receive() {
  absl::MutexLock lock(&mu_);
  Await(
      mu_, [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !received_.empty(); },
      "a message from the worker");
  v1::WorkerMessage message = std::move(received_.front());
  received_.pop_front();
  return message;
}

v1::Heartbeat FakeCoordinator::Connection::NextHeartbeat() {
  absl::MutexLock lock(&mu_);
  Await(
      mu_,
      [this, before = heartbeats_]()
          ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return heartbeats_ > before; },
      "a heartbeat");
  return heartbeat_;
}

void FakeCoordinator::Connection::Break() {
  absl::MutexLock lock(&mu_);
  if (context_ != nullptr) context_->TryCancel();
}

void FakeCoordinator::Connection::WaitForEnd() {
  absl::MutexLock lock(&mu_);
  Await(
      mu_, [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return stream_ == nullptr; },
      "the worker to end its stream");
}

// ---- Server

FakeCoordinator::FakeCoordinator() {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("localhost:0", grpc::InsecureServerCredentials(), &port);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("localhost:", port);
}

FakeCoordinator::~FakeCoordinator() {
  reduce_.End(~uint64_t{0}, {grpc::StatusCode::UNAVAILABLE, "the test is over"});
  server_->Shutdown(std::chrono::system_clock::now());
}

std::shared_ptr<grpc::Channel> FakeCoordinator::NewChannel() const {
  // Channels with the same arguments would share a connection.
  static std::atomic<int> number = 0;
  grpc::ChannelArguments arguments;
  arguments.SetInt("test.channel", ++number);
  return grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
}

FakeCoordinator::Connection& FakeCoordinator::Accept() {
  absl::MutexLock lock(&mu_);
  Await(
      mu_, [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !waiting_.empty(); },
      "a worker to connect");
  Connection& connection = *waiting_.front();
  waiting_.pop_front();
  return connection;
}

void FakeCoordinator::Refuse(const grpc::Status& status) {
  absl::MutexLock lock(&mu_);
  refusal_ = status;
}

grpc::Status FakeCoordinator::Session(grpc::ServerContext* context, Stream* stream) {
  v1::WorkerMessage hello;
  if (!stream->Read(&hello) || !hello.has_hello()) {
    return {grpc::StatusCode::INVALID_ARGUMENT, "a session starts with Hello"};
  }
  Connection* connection = nullptr;
  {
    absl::MutexLock lock(&mu_);
    if (!refusal_.ok()) return refusal_;
    connection = &connections_.emplace_back();
  }
  v1::CoordinatorMessage welcome;
  welcome.mutable_welcome()->set_coordinator_version("test");
  stream->Write(welcome);
  connection->hello_ = hello.hello();
  {
    absl::MutexLock lock(&connection->mu_);
    connection->context_ = context;
    connection->stream_ = stream;
  }
  {
    absl::MutexLock lock(&mu_);
    waiting_.push_back(connection);
  }
  return connection->Serve(stream);
}

grpc::Status FakeCoordinator::AllReduce(grpc::ServerContext*, ReduceService::Stream* stream) {
  return reduce_.Serve(*stream);
}

// ---- Files

std::string FakeCoordinator::AddBlob(const std::string& bytes) {
  const std::string sha256 = Sha256Hex(bytes);
  SetBlob(sha256, bytes);
  return sha256;
}

void FakeCoordinator::SetBlob(const std::string& sha256, const std::string& bytes) {
  absl::MutexLock lock(&mu_);
  blobs_[sha256] = bytes;
}

grpc::Status FakeCoordinator::FetchBlob(grpc::ServerContext*, const v1::FetchBlobRequest* request,
                                        grpc::ServerWriter<v1::BlobChunk>* writer) {
  std::string bytes;
  {
    absl::MutexLock lock(&mu_);
    const auto blob = blobs_.find(request->sha256());
    if (blob == blobs_.end()) return {grpc::StatusCode::NOT_FOUND, "no such blob"};
    bytes = blob->second;
  }
  constexpr size_t kPiece = 1000;
  for (size_t offset = 0; offset < bytes.size(); offset += kPiece) {
    v1::BlobChunk chunk;
    chunk.set_data(bytes.substr(offset, kPiece));
    writer->Write(chunk);
  }
  return grpc::Status::OK;
}

void FakeCoordinator::FailStores(std::deque<grpc::Status> statuses) {
  absl::MutexLock lock(&mu_);
  store_failures_ = std::move(statuses);
}

grpc::Status FakeCoordinator::StoreCheckpoint(
    grpc::ServerContext*, grpc::ServerReader<v1::StoreCheckpointRequest>* reader,
    v1::StoreCheckpointResponse*) {
  v1::StoreCheckpointHeader header;
  std::string bytes;
  v1::StoreCheckpointRequest request;
  while (reader->Read(&request)) {
    if (request.has_header()) header = request.header();
    bytes += request.chunk().data();
  }
  absl::MutexLock lock(&mu_);
  ++stores_;
  if (!store_failures_.empty()) {
    const grpc::Status status = store_failures_.front();
    store_failures_.pop_front();
    return status;
  }
  if (Sha256Hex(bytes) != header.sha256() || bytes.size() != header.size_bytes()) {
    return {grpc::StatusCode::DATA_LOSS, "the checkpoint is not what its header says"};
  }
  checkpoints_[header.step()] = bytes;
  blobs_[header.sha256()] = bytes;
  return grpc::Status::OK;
}

int FakeCoordinator::stores() {
  absl::MutexLock lock(&mu_);
  return stores_;
}

std::string FakeCoordinator::WaitForCheckpoint(uint64_t step) {
  absl::MutexLock lock(&mu_);
  Await(
      mu_,
      [this, step]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return checkpoints_.contains(step); },
      "a checkpoint");
  return checkpoints_[step];
}

}  // namespace outerloop::worker
