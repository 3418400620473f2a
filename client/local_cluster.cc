#include "client/local_cluster.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "client/health_check.h"
#include "common/status_macros.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace outerloop::client {
namespace {

constexpr char kCoordinatorName[] = "outerloop-coordinator";
constexpr char kWorkerName[] = "outerloop-worker";
constexpr int kMaxCoordinatorFailures = 5;

absl::Status CheckProgram(const std::string& path) {
  if (access(path.c_str(), X_OK) == 0) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat(path, " is not there or cannot be run; build it, or give --bin-dir"));
}

absl::Status CheckRange(const std::string& flag, int value, int min, int max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": ", value, " is not allowed; ", min, " to ", max));
}

}  // namespace

absl::Status LocalClusterOptions::Validate() const {
  RETURN_IF_ERROR(CheckRange("--workers", workers, 0, 1024));
  RETURN_IF_ERROR(CheckRange("--threads", threads, 1, 4096));
  RETURN_IF_ERROR(CheckRange("--metrics-port", metrics_port, 0, 65535));
  RETURN_IF_ERROR(CheckRange("--worker-metrics-port", worker_metrics_port, 0, 65535 - workers));
  RETURN_IF_ERROR(CheckProgram(absl::StrCat(bin_dir, "/", kCoordinatorName)));
  return CheckProgram(absl::StrCat(bin_dir, "/", kWorkerName));
}

std::string ConnectAddress(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  const std::string host = listen.substr(0, colon);
  if (host != "0.0.0.0" && host != "[::]" && host != "") return listen;
  return colon == std::string::npos ? listen : absl::StrCat("localhost", listen.substr(colon));
}

absl::StatusOr<std::unique_ptr<LocalCluster>> LocalCluster::Start(
    const LocalClusterOptions& options, const std::stop_token& stop) {
  RETURN_IF_ERROR(options.Validate());
  auto cluster = std::unique_ptr<LocalCluster>(new LocalCluster(options));
  cluster->StartCoordinator();
  RETURN_IF_ERROR(cluster->WaitUntilServing(stop));
  for (int number = 1; number <= options.workers; ++number) cluster->StartWorker(number);
  return cluster;
}

LocalCluster::LocalCluster(const LocalClusterOptions& options) : options_(options) {}

LocalCluster::~LocalCluster() { Stop(); }

std::string LocalCluster::address() const {
  absl::MutexLock lock(&mutex_);
  return ConnectAddress(address_);
}

std::string LocalCluster::metrics_address() const {
  absl::MutexLock lock(&mutex_);
  return metrics_address_;
}

void LocalCluster::Stop() {
  for (const auto& worker : workers_) worker->RequestStop();
  const absl::Time deadline = absl::Now() + options_.stop_timeout;
  for (const auto& worker : workers_) worker->WaitUntilStopped(deadline);
  workers_.clear();
  if (coordinator_ == nullptr) return;
  coordinator_->RequestStop();
  coordinator_->WaitUntilStopped(absl::Now() + options_.stop_timeout);
  coordinator_.reset();
}

absl::Status LocalCluster::Wait(const std::stop_token& stop) {
  // The mutex is taken so that the change wakes the wait below.
  const std::stop_callback wake(stop, [this] { absl::MutexLock lock(&mutex_); });
  absl::MutexLock lock(&mutex_);
  const auto is_over = [this, &stop]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stop.stop_requested() || !failure_.ok();
  };
  mutex_.Await(absl::Condition(&is_over));
  return stop.stop_requested() ? absl::OkStatus() : failure_;
}

absl::Status LocalCluster::WaitUntilServing(const std::stop_token& stop) {
  const absl::Time deadline = absl::Now() + options_.start_timeout;
  RETURN_IF_ERROR(WaitForAddress(deadline, stop));
  const auto channel = grpc::CreateChannel(address(), grpc::InsecureChannelCredentials());
  while (!CheckHealth(channel, absl::Seconds(1)).ok()) {
    absl::MutexLock lock(&mutex_);
    const auto failed = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !failure_.ok(); };
    mutex_.AwaitWithTimeout(absl::Condition(&failed), absl::Milliseconds(100));
    RETURN_IF_ERROR(StartStatus(deadline, stop));
  }
  coordinator_->MarkReady();
  return absl::OkStatus();
}

absl::Status LocalCluster::WaitForAddress(absl::Time deadline, const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { absl::MutexLock lock(&mutex_); });
  absl::MutexLock lock(&mutex_);
  const auto is_over = [this, &stop]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stop.stop_requested() || !failure_.ok() || !address_.empty();
  };
  mutex_.AwaitWithDeadline(absl::Condition(&is_over), deadline);
  return address_.empty() ? StartStatus(deadline, stop) : absl::OkStatus();
}

absl::Status LocalCluster::StartStatus(absl::Time deadline, const std::stop_token& stop) const {
  if (stop.stop_requested()) return absl::CancelledError("stopped");
  if (!failure_.ok() || absl::Now() < deadline) return failure_;
  return absl::DeadlineExceededError(absl::StrCat("the coordinator did not serve within ",
                                                  absl::FormatDuration(options_.start_timeout)));
}

void LocalCluster::StartCoordinator() {
  SupervisorOptions options = ChildOptions("coordinator");
  options.command = [this] { return CoordinatorCommand(); };
  options.restart.max_failures = kMaxCoordinatorFailures;
  options.on_line = [this](const std::string& line) { ReadCoordinatorLine(line); };
  coordinator_ = std::make_unique<Supervisor>(std::move(options));
}

void LocalCluster::StartWorker(int number) {
  SupervisorOptions options = ChildOptions(absl::StrCat("worker-", number));
  options.command = [this, number] { return WorkerCommand(number); };
  workers_.push_back(std::make_unique<Supervisor>(std::move(options)));
}

SupervisorOptions LocalCluster::ChildOptions(const std::string& name) {
  SupervisorOptions options{.name = name, .command = {}};
  options.restart.backoff = options_.restart_backoff;
  options.on_line = [this, name](const std::string& line) {
    options_.log(absl::StrCat(name, ": ", line));
  };
  options.on_restart = options_.log;
  options.on_give_up = [this](const absl::Status& why) {
    absl::MutexLock lock(&mutex_);
    failure_.Update(why);
  };
  return options;
}

std::vector<std::string> LocalCluster::CoordinatorCommand() const {
  // Started again, it listens where its workers, clients and scrapers know it.
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> command = {
      absl::StrCat(options_.bin_dir, "/", kCoordinatorName),
      "--listen",
      address_.empty() ? options_.listen : address_,
      "--metrics-port",
      metrics_address_.empty() ? absl::StrCat(options_.metrics_port)
                               : metrics_address_.substr(metrics_address_.rfind(':') + 1),
      "--data-dir",
      options_.data_dir};
  if (options_.insecure) command.push_back("--insecure");
  return command;
}

std::vector<std::string> LocalCluster::WorkerCommand(int number) const {
  const int base = options_.worker_metrics_port;
  return {absl::StrCat(options_.bin_dir, "/", kWorkerName), "--name",
          absl::StrCat("worker-", number), "--coordinator", address(), "--metrics-port",
          absl::StrCat(base == 0 ? 0 : base + number - 1),
          // A cache has one owner.
          "--cache-dir", absl::StrCat(options_.data_dir, "/worker-cache/", number), "--device",
          "auto", "--threads", absl::StrCat(options_.threads)};
}

void LocalCluster::ReadCoordinatorLine(const std::string& line) {
  absl::string_view rest = line;
  absl::MutexLock lock(&mutex_);
  if (absl::ConsumePrefix(&rest, "listening on ")) address_ = std::string(rest);
  if (absl::ConsumePrefix(&rest, "metrics on ")) metrics_address_ = std::string(rest);
}

}  // namespace outerloop::client
