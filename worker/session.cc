#include "worker/session.h"

#include <utility>

#include "absl/time/clock.h"
#include "spdlog/spdlog.h"

namespace outerloop::worker {
namespace {

// How soon a wait for the coordinator notices that the session is being closed.
constexpr absl::Duration kPatience = absl::Milliseconds(50);

bool IsRefusal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status);
}

}  // namespace

Session::Session(std::shared_ptr<grpc::Channel> channel, const Progress& progress,
                 WorkerMetrics& metrics, const SessionOptions& options)
    : channel_(std::move(channel)),
      stub_(v1::WorkerService::NewStub(channel_)),
      progress_(progress),
      metrics_(metrics),
      options_(options) {}

Session::~Session() { Close().IgnoreError(); }

void Session::Open(SessionListener& listener) {
  listener_ = &listener;
  thread_ = std::thread([this] { Run(); });
}

// ---- The thread

void Session::Run() {
  Backoff backoff(options_.backoff, options_.seed);
  while (AwaitCoordinator()) {
    const ConnectionEnd end = ServeConnection();
    if (closing_.cancelled()) return;
    if (IsRefusal(end.status)) {
      {
        absl::MutexLock lock(&mu_);
        refusal_ = end.status;
      }
      return listener_->OnRefused();
    }
    spdlog::warn("the connection to the coordinator is lost ({})", end.status.ToString());
    if (end.was_welcome) backoff.Reset();
    closing_.WaitFor(backoff.Next());
  }
}

bool Session::AwaitCoordinator() const {
  while (!closing_.cancelled()) {
    if (channel_->WaitForConnected(absl::ToChronoTime(absl::Now() + kPatience))) return true;
  }
  return false;
}

Session::ConnectionEnd Session::ServeConnection() {
  const uint64_t connection = ++connections_;
  const std::shared_ptr<SessionStream> stream = OpenStream(connection);
  if (stream == nullptr) return {};
  listener_->OnConnected(connection);
  while (!stream->WaitUntilDone(absl::Now() + options_.heartbeat)) {
    if (!Beat()) stream->Cancel();
  }
  ConnectionEnd end{.status = stream->status()};
  {
    absl::MutexLock lock(&mu_);
    stream_ = nullptr;
    end.was_welcome = welcome_;
  }
  NoteStanding(false);
  listener_->OnConnectionLost(connection);
  return end;
}

void Session::NoteStanding(bool connected) {
  metrics_.connected.Set(connected ? 1 : 0);
  if (options_.on_standing) options_.on_standing(connected);
}

std::shared_ptr<SessionStream> Session::OpenStream(uint64_t connection) {
  absl::MutexLock lock(&mu_);
  if (closing_.cancelled()) return nullptr;
  connection_ = connection;
  welcome_ = coordinator_beats_ = false;
  silence_ = absl::ZeroDuration();
  stream_ =
      std::make_shared<SessionStream>(*stub_, [this, connection](v1::CoordinatorMessage message) {
        Receive(connection, std::move(message));
      });
  stream_->Start();
  return stream_;
}

bool Session::Beat() {
  absl::MutexLock lock(&mu_);
  if (!welcome_) return true;
  v1::WorkerMessage message;
  *message.mutable_heartbeat() = progress_.Snapshot();
  stream_->SendIfQuiet(std::move(message));
  silence_ = std::exchange(heard_, false) ? absl::ZeroDuration() : silence_ + options_.heartbeat;
  if (!coordinator_beats_ || silence_ < options_.lease) return true;
  spdlog::warn("the coordinator has been silent for {}", absl::FormatDuration(silence_));
  return false;
}

// ---- Messages

void Session::Receive(uint64_t connection, v1::CoordinatorMessage message) {
  {
    absl::MutexLock lock(&mu_);
    heard_ = true;
    if (message.has_heartbeat()) coordinator_beats_ = true;
    if (message.has_welcome()) {
      welcome_ = true;
      if (std::exchange(was_ever_welcome_, true)) metrics_.reconnects.Increment();
      spdlog::info("connected to a coordinator of version {}",
                   message.welcome().coordinator_version());
    }
  }
  if (message.has_welcome()) NoteStanding(true);
  if (message.has_heartbeat() || message.has_welcome()) return;
  listener_->OnReceived(connection, std::move(message));
}

void Session::Send(uint64_t connection, v1::WorkerMessage message) {
  absl::MutexLock lock(&mu_);
  if (stream_ != nullptr && connection == connection_) stream_->Send(std::move(message));
}

absl::Status Session::Close() {
  std::shared_ptr<SessionStream> stream;
  {
    absl::MutexLock lock(&mu_);
    closing_.Cancel();
    stream = stream_;
  }
  if (stream != nullptr) {
    stream->FinishWriting();
    if (!stream->WaitUntilDone(absl::Now() + options_.close_timeout)) stream->Cancel();
  }
  if (thread_.joinable()) thread_.join();
  absl::MutexLock lock(&mu_);
  return refusal_;
}

}  // namespace outerloop::worker
