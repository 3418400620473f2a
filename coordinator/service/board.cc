#include "coordinator/service/board.h"

#include <utility>

namespace outerloop::coordinator {

void Board::Listen(std::function<void()> listener) {
  absl::MutexLock lock(&mu_);
  listener_ = std::move(listener);
}

void Board::Publish(v1::Job job) {
  auto view = std::make_shared<const v1::Job>(std::move(job));
  absl::MutexLock lock(&mu_);
  JobView& place = jobs_[view->job_id()];
  if (place == nullptr) order_.push_back(view->job_id());
  place = view;
  watchers_.Tell(view->job_id(), view);
  if (listener_) listener_();
}

void Board::Remove(const std::string& job_id) {
  absl::MutexLock lock(&mu_);
  jobs_.erase(job_id);
  std::erase(order_, job_id);
  if (listener_) listener_();
}

void Board::PublishWorkers(std::vector<v1::WorkerStatus> workers) {
  absl::MutexLock lock(&mu_);
  workers_ = std::move(workers);
}

Board::JobView Board::Find(const std::string& id_or_name) const {
  absl::MutexLock lock(&mu_);
  if (const auto it = jobs_.find(id_or_name); it != jobs_.end()) return it->second;
  for (auto id = order_.rbegin(); id != order_.rend(); ++id) {
    const JobView& job = jobs_.at(*id);
    if (job->spec().name() == id_or_name) return job;
  }
  return nullptr;
}

std::vector<Board::JobView> Board::Jobs() const {
  absl::MutexLock lock(&mu_);
  std::vector<JobView> jobs;
  for (const std::string& id : order_) jobs.push_back(jobs_.at(id));
  return jobs;
}

std::vector<v1::WorkerStatus> Board::Workers() const {
  absl::MutexLock lock(&mu_);
  return workers_;
}

void Board::Watch(const void* owner, const std::string& job_id, Watcher watcher) {
  absl::MutexLock lock(&mu_);
  if (const auto it = jobs_.find(job_id); it != jobs_.end()) watcher(it->second);
  watchers_.Add(owner, job_id, std::move(watcher));
}

void Board::Unwatch(const void* owner) {
  absl::MutexLock lock(&mu_);
  watchers_.Remove(owner);
}

}  // namespace outerloop::coordinator
