#include "worker/session.h"

#include <functional>
#include <utility>

#include "spdlog/spdlog.h"

namespace outerloop::worker {
namespace {

// Of a Hello's held state. A coordinator has a step on record within a fraction of a second.
constexpr int kMaxRecentSteps = 4096;

bool IsRefusal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status);
}

}  // namespace

Session::Session(const std::shared_ptr<grpc::Channel>& channel, v1::Hello hello, Mailbox& mailbox,
                 WorkerMetrics& metrics, const SessionOptions& options)
    : stub_(v1::WorkerService::NewStub(channel)),
      options_(options),
      mailbox_(mailbox),
      metrics_(metrics),
      seed_(std::hash<std::string>()(hello.worker_id())),
      hello_(std::move(hello)) {
  thread_ = std::thread([this] { Run(); });
}

Session::~Session() { Close().IgnoreError(); }

void Session::Run() {
  Backoff backoff(options_.backoff, seed_);
  while (!closing_.cancelled()) {
    const ConnectionEnd end = ServeConnection();
    if (closing_.cancelled() || Refused(end.status)) return;
    if (end.was_welcome) backoff.Reset();
    const absl::Duration wait = absl::Trunc(backoff.Next(), absl::Milliseconds(1));
    spdlog::warn("no connection to the coordinator ({}); trying again in {}", end.status.ToString(),
                 absl::FormatDuration(wait));
    closing_.WaitFor(wait);
  }
}

bool Session::Refused(const absl::Status& status) {
  if (!IsRefusal(status)) return false;
  {
    absl::MutexLock lock(&mu_);
    refusal_ = status;
  }
  mailbox_.Close();
  return true;
}

std::shared_ptr<SessionStream> Session::OpenStream() {
  absl::MutexLock lock(&mu_);
  if (closing_.cancelled()) return nullptr;
  const uint64_t connection = ++connection_;
  welcome_ = false;
  stream_ =
      std::make_shared<SessionStream>(*stub_, [this, connection](v1::CoordinatorMessage message) {
        Receive(connection, std::move(message));
      });
  stream_->Start(hello_);
  return stream_;
}

Session::ConnectionEnd Session::ServeConnection() {
  const std::shared_ptr<SessionStream> stream = OpenStream();
  if (stream == nullptr) return {};
  stream->WaitUntilDone(absl::InfiniteFuture());
  absl::MutexLock lock(&mu_);
  stream_ = nullptr;
  mailbox_.LoseConnection(connection_);
  return {stream->status(), welcome_};
}

void Session::Receive(uint64_t connection, v1::CoordinatorMessage message) {
  if (!message.has_welcome()) return mailbox_.Deliver(connection, std::move(message));
  spdlog::info("connected to a coordinator of version {}", message.welcome().coordinator_version());
  absl::MutexLock lock(&mu_);
  welcome_ = true;
  if (std::exchange(was_ever_welcome_, true)) metrics_.reconnects.Increment();
}

void Session::Send(uint64_t connection, v1::WorkerMessage message) {
  absl::MutexLock lock(&mu_);
  if (stream_ != nullptr && connection == connection_) stream_->Send(std::move(message));
}

void Session::Reset(uint64_t connection, const absl::Status& reason) {
  absl::MutexLock lock(&mu_);
  if (stream_ == nullptr || connection != connection_) return;
  spdlog::warn("giving the connection to the coordinator up: {}", reason.ToString());
  stream_->Cancel();
}

void Session::SetHeld(const std::string& job_id, uint64_t step) {
  absl::MutexLock lock(&mu_);
  v1::HeldState& held = *hello_.mutable_held();
  if (held.job_id() != job_id) held.clear_recent();
  held.set_job_id(job_id);
  held.set_step(step);
}

void Session::AddHeldStep(const v1::StepMetrics& metrics) {
  absl::MutexLock lock(&mu_);
  v1::HeldState& held = *hello_.mutable_held();
  auto& recent = *held.mutable_recent();
  // Steps that are computed again replace those from before.
  while (!recent.empty() && recent.rbegin()->step() >= metrics.step()) recent.RemoveLast();
  if (recent.size() == kMaxRecentSteps) recent.DeleteSubrange(0, kMaxRecentSteps / 2);
  *recent.Add() = metrics;
  held.set_step(metrics.step());
}

void Session::ClearHeld() {
  absl::MutexLock lock(&mu_);
  hello_.clear_held();
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
