#include "benchmarks/control_plane/simulated_worker.h"

#include <cmath>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/protocol.h"
#include "common/sha256.h"

namespace outerloop::control_plane {
namespace {

// As many as gloo's addresses take at most.
constexpr size_t kEndpointBytes = 300;

v1::Hello MakeHello(const std::string& name, uint64_t start) {
  v1::Hello hello;
  hello.set_protocol_version(kWorkerProtocolVersion);
  hello.set_worker_id(absl::StrCat(name, "-", start));
  hello.set_name(name);
  hello.set_host("simulated");
  hello.set_pid(static_cast<int64_t>(start));
  hello.set_threads(1);
  hello.add_reducers(v1::COORDINATOR);
  hello.add_reducers(v1::GLOO);
  v1::Numerics* numerics = hello.mutable_numerics();
  numerics->set_device("cpu");
  numerics->set_capability("AVX512");
  numerics->set_backend("aten");
  numerics->set_libtorch("2.11.0");
  return hello;
}

// The same for every member.
v1::StepMetrics MetricsOf(uint64_t step, absl::Duration step_time) {
  v1::StepMetrics metrics;
  metrics.set_step(step);
  metrics.set_loss(1.0 / std::sqrt(static_cast<double>(step)));
  metrics.set_accuracy(1.0 - metrics.loss());
  metrics.set_seconds(absl::ToDoubleSeconds(step_time));
  return metrics;
}

std::string DigestOf(const std::string& job_id, uint64_t step) {
  return absl::HexStringToBytes(Sha256Hex(absl::StrCat(job_id, "/", step)));
}

uint64_t CountTasks(const v1::StepPlan& plan) {
  uint64_t tasks = 0;
  for (const v1::Shard& shard : plan.shards()) tasks += shard.tasks_size();
  return tasks;
}

}  // namespace

SimulatedWorker::SimulatedWorker(std::string name, std::shared_ptr<grpc::Channel> channel,
                                 absl::Duration step_time, GroupTable& groups,
                                 std::atomic<uint32_t>& welcomes)
    : name_(std::move(name)),
      step_time_(step_time),
      stub_(v1::WorkerService::NewStub(std::move(channel))),
      groups_(groups),
      welcomes_(welcomes) {}

SimulatedWorker::~SimulatedWorker() { Cut(); }

void SimulatedWorker::Connect() {
  absl::MutexLock lock(&mu_);
  held_job_.clear();
  stream_ = std::make_unique<worker::SessionStream>(
      *stub_, [this](const v1::CoordinatorMessage& message) { Receive(message); });
  stream_->Start();
  v1::WorkerMessage hello;
  *hello.mutable_hello() = MakeHello(name_, ++starts_);
  stream_->Send(std::move(hello));
}

void SimulatedWorker::Cut() {
  std::unique_ptr<worker::SessionStream> stream;
  {
    absl::MutexLock lock(&mu_);
    stream = std::move(stream_);
  }
  stream.reset();  // Waits for Receive, which may wait for mu_.
  LeaveGroup();
}

void SimulatedWorker::SendHeartbeat() {
  v1::WorkerMessage message;
  v1::Heartbeat* heartbeat = message.mutable_heartbeat();
  absl::MutexLock lock(&mu_);
  if (stream_ == nullptr) return;
  const bool works = !plans_.empty();
  heartbeat->set_progress(++progress_);
  heartbeat->set_phase(works ? v1::Heartbeat::ADAPT : v1::Heartbeat::IDLE);
  if (works) heartbeat->set_step(plans_.front().step);
  stream_->Send(std::move(message));
}

bool SimulatedWorker::IsLost() const {
  absl::MutexLock lock(&mu_);
  return stream_ != nullptr && stream_->WaitUntilDone(absl::InfinitePast());
}

std::shared_ptr<SimulatedGroup> SimulatedWorker::group() const {
  absl::MutexLock lock(&mu_);
  return group_;
}

void SimulatedWorker::Receive(const v1::CoordinatorMessage& message) {
  switch (message.kind_case()) {
    case v1::CoordinatorMessage::kWelcome:
      ++welcomes_;
      return;
    case v1::CoordinatorMessage::kJoinGroup:
      return On(message.join_group());
    case v1::CoordinatorMessage::kStartGroup:
      return On(message.start_group());
    case v1::CoordinatorMessage::kStepPlan:
      return On(message.step_plan());
    case v1::CoordinatorMessage::kLeaveGroup:
      return On(message.leave_group());
    default:
      return;
  }
}

void SimulatedWorker::On(const v1::JoinGroup& join) {
  LeaveGroup();
  v1::WorkerMessage message;
  v1::Ready* ready = message.mutable_ready();
  ready->set_job_id(join.job_id());
  ready->set_generation(join.generation());
  ready->set_endpoint(std::string(kEndpointBytes, 'e'));
  absl::MutexLock lock(&mu_);
  if (held_job_ == join.job_id()) ready->set_held_step(held_step_);
  if (stream_ != nullptr) stream_->Send(std::move(message));
}

void SimulatedWorker::On(const v1::StartGroup& start) {
  {
    absl::MutexLock lock(&mu_);
    held_job_ = start.job_id();
    held_step_ = start.step();
  }
  std::shared_ptr<SimulatedGroup> group = groups_.Enter(start, this);
  absl::MutexLock lock(&mu_);
  group_ = std::move(group);
}

void SimulatedWorker::On(const v1::StepPlan& plan) {
  const absl::Time received = absl::Now();
  std::shared_ptr<SimulatedGroup> group;
  {
    absl::MutexLock lock(&mu_);
    if (group_ == nullptr || group_->job_id() != plan.job_id() ||
        group_->generation() != plan.generation()) {
      return;
    }
    group = group_;
    plans_.push_back({plan.step(), CountTasks(plan), plan.digest()});
  }
  group->TakePlan(plan.step(), received);
}

void SimulatedWorker::On(const v1::LeaveGroup& leave) { LeaveGroup(); }

void SimulatedWorker::LeaveGroup() {
  std::shared_ptr<SimulatedGroup> group;
  {
    absl::MutexLock lock(&mu_);
    group = std::move(group_);
    plans_.clear();
  }
  if (group != nullptr) group->End();
}

void SimulatedWorker::Finish(uint64_t step) {
  v1::WorkerMessage message;
  v1::StepDone* done = message.mutable_step_done();
  absl::MutexLock lock(&mu_);
  if (group_ == nullptr || plans_.empty() || plans_.front().step != step) return;
  const Plan plan = plans_.front();
  plans_.pop_front();
  held_step_ = step;
  done->set_job_id(held_job_);
  done->set_generation(group_->generation());
  done->set_step(step);
  *done->mutable_metrics() = MetricsOf(step, step_time_);
  if (plan.digest) done->set_parameters_sha256(DigestOf(held_job_, step));
  done->set_tasks(plan.tasks);
  done->set_adapt_seconds(absl::ToDoubleSeconds(step_time_));
  if (stream_ != nullptr) stream_->Send(std::move(message));
}

}  // namespace outerloop::control_plane
