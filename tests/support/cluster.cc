#include "tests/support/cluster.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace outerloop::tests {
namespace {

// Of HOST:PORT; 0 of anything else.
int PortOf(const std::string& address) {
  int port = 0;
  return absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port) ? port : 0;
}

}  // namespace

Cluster::Cluster(ClusterSecurity security) : security_(std::move(security)) {
  StartCoordinator();
  auto client = client::Client::Create(address_, {.security = security_.client});
  if (!client.ok()) ADD_FAILURE() << client.status() << Logs();
  client_ = *std::move(client);
}

Cluster::~Cluster() {
  workers_.clear();
  coordinator_.reset();
  const std::string logs = Logs();
  if (absl::StrContains(logs, "Sanitizer")) ADD_FAILURE() << "a sanitizer reports an error";
  if (testing::Test::HasFailure()) std::fputs(logs.c_str(), stderr);
}

std::string Cluster::Binary(const std::string& name) {
  return absl::StrCat(OUTERLOOP_BIN, "/", name);
}

void Cluster::StartCoordinator() {
  std::vector<std::string> command = {Binary("outerloop-coordinator"),
                                      "--listen",
                                      address_,
                                      "--metrics-port",
                                      "0",
                                      "--data-dir",
                                      folder_ / "data"};
  command.insert(command.end(), security_.coordinator_flags.begin(),
                 security_.coordinator_flags.end());
  coordinator_ = std::make_unique<Process>(command, folder_ / "coordinator.log");
  const std::string address = coordinator_->AwaitLine("listening on ");
  if (address.empty()) ADD_FAILURE() << "the coordinator did not start\n" << Logs();
  address_ = address;
  metrics_port_ = PortOf(coordinator_->AwaitLine("metrics on "));
}

Scraped Cluster::ScrapeWorker(size_t i) {
  int& port = worker_metrics_ports_[i];
  if (port == 0) port = PortOf(worker(i).AwaitLine("metrics on "));
  return Scrape(port);
}

Process& Cluster::StartWorker(int threads) {
  workers_.push_back(NewWorker(workers_.size(), {Binary("outerloop-worker")}, threads));
  return *workers_.back();
}

Process& Cluster::StartFaultyWorker(const std::string& fault) {
  workers_.push_back(NewWorker(workers_.size(), {Binary("outerloop-worker-faulty"), fault}, 1));
  return *workers_.back();
}

Process& Cluster::ReplaceWorker(size_t i) {
  workers_.at(i)->Kill();
  worker_metrics_ports_.erase(i);
  workers_[i] = NewWorker(i, {Binary("outerloop-worker")}, 1);
  return *workers_[i];
}

std::unique_ptr<Process> Cluster::NewWorker(size_t i, std::vector<std::string> program,
                                            int threads) {
  const std::string log = folder_ / absl::StrCat("worker-", workers_started_++, ".log");
  const std::vector<std::string> flags = {"--coordinator",  address_,
                                          "--name",         absl::StrCat("worker-", i),
                                          "--metrics-port", "0",
                                          "--cache-dir",    folder_ / "cache",
                                          "--threads",      absl::StrCat(threads),
                                          "--device",       "cpu"};
  program.insert(program.end(), flags.begin(), flags.end());
  program.insert(program.end(), security_.worker_flags.begin(), security_.worker_flags.end());
  return std::make_unique<Process>(program, log);
}

void Cluster::AwaitWorkers(size_t count) {
  const absl::Time deadline = absl::Now() + absl::Minutes(2);
  while (absl::Now() < deadline) {
    const auto workers = client_->ListWorkers();
    if (workers.ok() && workers->size() == count) return;
    absl::SleepFor(absl::Milliseconds(20));  // Polls: the list has no stream.
  }
  ADD_FAILURE() << "not " << count << " workers after two minutes\n" << Logs();
}

std::string Cluster::Submit(const v1::JobSpec& spec) {
  const auto job = client_->SubmitJob(spec);
  if (!job.ok()) {
    ADD_FAILURE() << job.status() << "\n" << Logs();
    return "";
  }
  return job->job_id();
}

v1::Job Cluster::Finish(const std::string& job_id,
                        const std::function<void(uint64_t step)>& on_step) {
  const auto job = client_->WatchJob(job_id, 0, [&](const v1::WatchJobResponse& update) {
    for (const v1::StepMetrics& step : update.steps()) {
      if (on_step) on_step(step.step());
    }
  });
  if (!job.ok()) {
    ADD_FAILURE() << job.status() << "\n" << Logs();
    return {};
  }
  return *job;
}

v1::Job Cluster::AwaitJob(const std::string& job_id,
                          const std::function<bool(const v1::Job&)>& condition) {
  const absl::Time deadline = absl::Now() + absl::Minutes(3);
  v1::Job last;
  while (absl::Now() < deadline) {
    const auto job = client_->GetJob(job_id);
    if (job.ok()) last = *job;
    if (job.ok() && (condition(last) || client::HasEnded(last.state()))) return last;
    absl::SleepFor(absl::Milliseconds(20));  // Polls: only the condition counts, not the time.
  }
  ADD_FAILURE() << "not after three minutes; the job is " << last.ShortDebugString() << "\n"
                << Logs();
  return last;
}

std::string Cluster::Logs() const {
  std::ostringstream logs;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    if (entry.path().extension() != ".log") continue;
    logs << "---- " << entry.path().filename().string() << "\n"
         << std::ifstream(entry.path()).rdbuf() << "\n";
  }
  return logs.str();
}

v1::JobSpec SmallMamlJob(const std::string& name, uint64_t steps) {
  v1::JobSpec spec;
  spec.set_name(name);
  spec.mutable_dataset()->set_name("strokes");
  v1::RandomSplit* split = spec.mutable_dataset()->mutable_split()->mutable_random();
  split->set_train(40);
  split->set_validation(10);
  split->set_test(10);
  v1::Classification* episode = spec.mutable_episode()->mutable_classification();
  episode->set_ways(5);
  episode->set_shots(1);
  episode->set_queries(2);
  spec.mutable_model()->mutable_conv4()->set_filters(8);
  v1::Maml* maml = spec.mutable_algorithm()->mutable_maml();
  maml->set_inner_rate(0.4);
  spec.mutable_meta_optimizer()->mutable_adam();
  spec.mutable_training()->set_steps(steps);
  spec.mutable_training()->set_tasks_per_step(8);
  spec.mutable_training()->set_tasks_per_shard(2);
  spec.mutable_checkpoints()->set_every_steps(10);
  v1::EvaluationSpec* evaluation = spec.add_evaluations();
  evaluation->set_split(v1::TEST);
  evaluation->set_tasks(20);
  return spec;
}

v1::JobSpec SinusoidJob(const std::string& name, uint64_t steps) {
  v1::JobSpec spec;
  spec.set_name(name);
  spec.mutable_dataset()->set_name("sinusoid");
  spec.mutable_episode()->mutable_sinusoid()->set_shots(10);
  for (int layer = 0; layer < 2; ++layer) spec.mutable_model()->mutable_mlp()->add_hidden(40);
  spec.mutable_algorithm()->mutable_maml()->set_inner_rate(0.01);
  spec.mutable_meta_optimizer()->mutable_adam();
  spec.mutable_training()->set_steps(steps);
  spec.mutable_training()->set_tasks_per_step(8);
  spec.mutable_training()->set_tasks_per_shard(2);
  spec.mutable_checkpoints()->set_every_steps(0);
  return spec;
}

}  // namespace outerloop::tests
