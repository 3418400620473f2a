#include "benchmarks/load/user.h"

#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace outerloop::load {
namespace {

using control_plane::Latencies;

// gRPC gives channels to one address one connection between them, but people have one each.
std::unique_ptr<const client::Connection> Connect(const std::string& address, CallTimes& times) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  client::ClientOptions options;
  options.on_retry = [&times](const absl::Status&) { ++times.repeats; };
  return std::make_unique<const client::Connection>(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments), address,
      options);
}

}  // namespace

User::User(UserOptions options, CallTimes& times)
    : options_(std::move(options)),
      times_(times),
      random_(options_.seed),
      client_(Connect(options_.address, times)),
      thread_([this] { Run(); }) {}

User::~User() {
  Stop();
  thread_.join();
}

void User::Stop() {
  if (!stopping_.HasBeenNotified()) stopping_.Notify();
}

void User::Run() {
  Pause();
  while (!stopping_.HasBeenNotified()) Round();
}

void User::Round() {
  const absl::Time begin = absl::Now();
  const auto job = client_.SubmitJob(options_.spec);
  if (job.ok()) {
    Record(times_.submit, begin);
  } else {
    ++times_.failures;
  }
  Pause();
  if (job.ok()) WatchAndCancel(job->job_id());
  Pause();
}

void User::WatchAndCancel(const std::string& job_id) {
  const absl::Time begin = absl::Now();
  std::optional<absl::Time> cancelled;
  const auto job = client_.WatchJob(job_id, 0, [&](const v1::WatchJobResponse&) {
    if (cancelled) return;
    Record(times_.watch, begin);
    Pause();
    cancelled = Cancel(job_id);
  });
  if (job.ok() && job->state() == v1::CANCELLED && cancelled) {
    Record(times_.end, *cancelled);
  } else {
    ++times_.failures;
  }
}

absl::Time User::Cancel(const std::string& job_id) {
  const absl::Time begin = absl::Now();
  if (client_.CancelJob(job_id).ok()) {
    Record(times_.cancel, begin);
  } else {
    ++times_.failures;
  }
  return begin;
}

void User::Pause() {
  const double factor = std::uniform_real_distribution<double>(0.5, 1.5)(random_);
  stopping_.WaitForNotificationWithTimeout(factor * options_.pause);
}

void User::Record(control_plane::Latencies& latencies, absl::Time begin) {
  if (!stopping_.HasBeenNotified()) latencies.Add(absl::Now() - begin);
}

}  // namespace outerloop::load
