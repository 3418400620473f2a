#include "worker/executor.h"

#include <exception>
#include <utility>

namespace outerloop::worker {

Executor::Executor(Performer performer, Listener listener, Progress& progress)
    : performer_(std::move(performer)), listener_(std::move(listener)), progress_(progress) {
  thread_ = std::thread([this] { Run(); });
}

Executor::~Executor() { Stop(); }

void Executor::Begin(uint64_t number, std::shared_ptr<const Operation> operation) {
  absl::MutexLock lock(&mu_);
  task_ = std::make_shared<Task>();
  task_->number = number;
  task_->operation = std::move(operation);
  begun_ = true;
}

void Executor::Cancel(uint64_t number) {
  std::shared_ptr<Task> task;
  {
    absl::MutexLock lock(&mu_);
    if (task_ != nullptr && task_->number == number) task = task_;
  }
  if (task != nullptr) task->cancellation.Cancel();
}

void Executor::Stop() {
  std::shared_ptr<Task> task;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    task = task_;
  }
  if (task != nullptr) task->cancellation.Cancel();
  if (thread_.joinable()) thread_.join();
}

void Executor::Run() {
  while (const std::shared_ptr<Task> task = Next()) {
    Outcome outcome = Perform(*task);
    listener_(task->number, std::move(outcome));
  }
}

std::shared_ptr<Executor::Task> Executor::Next() {
  {
    absl::MutexLock lock(&mu_);
    if (HasNews()) return Take();
  }
  progress_.Enter(v1::Heartbeat::IDLE);
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(this, &Executor::HasNews));
  return Take();
}

std::shared_ptr<Executor::Task> Executor::Take() {
  begun_ = false;
  return stopping_ ? nullptr : task_;
}

Outcome Executor::Perform(Task& task) const {
  try {
    return performer_(*task.operation, task.cancellation);
  } catch (const std::exception& error) {
    return Failure{v1::GroupFailed::WORKER, error.what()};
  }
}

}  // namespace outerloop::worker
