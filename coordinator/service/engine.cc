#include "coordinator/service/engine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "coordinator/core/failure.h"
#include "spdlog/spdlog.h"

namespace outerloop::coordinator {
namespace {

// Events or requests, at most, so that the first of them does not wait long for its commit.
constexpr size_t kMaxPerCommit = 256;

void Put(const StepRecord& step, Store::Batch& batch) { batch.Put(step.job_id, step.metrics); }
void Put(const CheckpointDropped& dropped, Store::Batch& batch) {
  batch.DeleteCheckpoint(dropped.job_id, dropped.step);
}
void Put(const StepsDropped& dropped, Store::Batch& batch) {
  batch.DeleteStepsAfter(dropped.job_id, dropped.step);
}
void Put(const DeletionRecord& deletion, Store::Batch& batch) { batch.Delete(deletion); }
template <typename Record>
void Put(const Record& record, Store::Batch& batch) {
  batch.Put(record);
}

}  // namespace

Engine::Engine(const EngineOptions& options, Store& store, const BlobCollector& collector,
               Board& board, Dispatcher& dispatcher, EngineMetrics& metrics)
    : options_(options),
      store_(store),
      collector_(collector),
      board_(board),
      dispatcher_(dispatcher),
      metrics_(metrics),
      core_(options.core, *this) {}

Engine::~Engine() { Stop(); }

absl::Status Engine::Start() {
  Remembered remembered;
  ASSIGN_OR_RETURN(remembered.jobs, store_.Jobs());
  ASSIGN_OR_RETURN(remembered.checkpoints, store_.Checkpoints());
  ASSIGN_OR_RETURN(remembered.losses, store_.Losses());
  ASSIGN_OR_RETURN(remembered.evaluations, store_.Evaluations());
  ASSIGN_OR_RETURN(remembered.latest_events, store_.LatestEvents());
  ASSIGN_OR_RETURN(remembered.deletions, store_.Deletions());
  RETURN_IF_ERROR(core_.Restore(remembered, absl::Now()));
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void Engine::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Engine::Post(Event event) {
  absl::MutexLock lock(&mu_);
  if (stopping_) return;
  if (const auto* heartbeat = std::get_if<HeartbeatReceived>(&event)) {
    heartbeats_[heartbeat->session] = *heartbeat;
  } else {
    inbox_.push_back({std::move(event), nullptr, nullptr});
  }
}

void Engine::Request(Decide decide, Done done) {
  {
    absl::MutexLock lock(&mu_);
    if (!stopping_) {
      inbox_.push_back({Tick{}, std::move(decide), std::move(done)});
      return;
    }
  }
  done(absl::UnavailableError("the coordinator is shutting down; try again"));
}

void Engine::Run() {
  absl::Time next_flush = absl::Now() + options_.flush_period;
  while (true) {
    Handle(Take(next_flush));
    if (absl::Now() >= next_flush) {
      Flush();
      next_flush = absl::Now() + options_.flush_period;
    }
    absl::MutexLock lock(&mu_);
    if (stopping_ && inbox_.empty()) break;
  }
  Flush();
}

void Engine::Flush() {
  absl::flat_hash_map<SessionId, HeartbeatReceived> heartbeats;
  {
    absl::MutexLock lock(&mu_);
    heartbeats = std::exchange(heartbeats_, {});
  }
  std::vector<Event> events;
  for (const auto& [session, heartbeat] : heartbeats) events.push_back(heartbeat);
  events.push_back(Tick{});
  core_.Apply(events, absl::Now());
  if (!core_.Flush().ok()) return;  // Logged, and tried again.
  if (std::exchange(workers_changed_, false)) {
    std::vector<v1::WorkerStatus> workers = core_.core().DescribeWorkers();
    metrics_.Show(workers);
    board_.PublishWorkers(std::move(workers));
  }
  if (std::exchange(jobs_changed_, false)) metrics_.Show(board_.Jobs());
}

std::deque<Engine::Item> Engine::Take(absl::Time until) {
  absl::MutexLock lock(&mu_);
  const auto ready = [this]()
                         ABSL_SHARED_LOCKS_REQUIRED(mu_) { return stopping_ || !inbox_.empty(); };
  mu_.AwaitWithDeadline(absl::Condition(&ready), until);
  return std::exchange(inbox_, {});
}

void Engine::Handle(std::deque<Item> items) {
  std::vector<Event> events;
  std::vector<Item> requests;
  for (Item& item : items) {
    if (item.decide) {
      requests.push_back(std::move(item));
    } else {
      events.push_back(std::move(item.event));
    }
    if (events.size() == kMaxPerCommit) core_.Apply(std::exchange(events, {}), absl::Now());
    if (requests.size() < kMaxPerCommit) continue;
    core_.Apply(std::exchange(events, {}), absl::Now());
    Serve(std::exchange(requests, {}));
  }
  core_.Apply(events, absl::Now());
  Serve(std::move(requests));
}

void Engine::Serve(std::vector<Item> requests) {
  std::vector<Decide> decisions;
  for (Item& request : requests) decisions.push_back(std::move(request.decide));
  std::vector<absl::StatusOr<std::string>> answers = core_.Serve(decisions, absl::Now());
  for (size_t i = 0; i < requests.size(); ++i) requests[i].done(std::move(answers[i]));
}

absl::Status Engine::Commit(const std::vector<Write>& writes) {
  Store::Batch batch;
  for (const Write& write : writes) {
    std::visit([&batch](const auto& record) { Put(record, batch); }, write);
  }
  const absl::Time begin = absl::Now();
  const absl::Status stored = store_.Commit(batch);
  if (!stored.ok()) {
    if (std::exchange(storing_, false)) {
      spdlog::error("cannot store: {}; jobs wait until it is possible again", stored.ToString());
    }
    return stored;
  }
  metrics_.Committed(absl::Now() - begin);
  if (!std::exchange(storing_, true)) spdlog::info("storing is possible again");
  return absl::OkStatus();
}

void Engine::Send(const Core& core, const Message& message) {
  const absl::Status sent = dispatcher_.Dispatch(core, message);
  if (sent.ok()) return;
  spdlog::error("message to session {} cannot be made: {}", message.to, sent.ToString());
  if (std::optional<Event> failure = FailureOf(message, sent)) Post(*std::move(failure));
}

void Engine::Publish(const Core& core, const std::set<std::string>& jobs, bool workers) {
  workers_changed_ = workers_changed_ || workers;
  jobs_changed_ = jobs_changed_ || !jobs.empty();
  for (const std::string& job_id : jobs) {
    if (const Job* job = core.FindJob(job_id)) {
      board_.Publish(core.Describe(*job));
    } else {
      board_.Remove(job_id);
    }
  }
}

void Engine::Drop(const std::string& sha256) {
  const absl::Status collected = collector_.Collect(sha256);
  if (!collected.ok()) spdlog::warn("{}; the next start removes it", collected.ToString());
}

void Engine::Note(const Effects& effects) {
  for (const std::string& line : effects.log) spdlog::info("{}", line);
  metrics_.Count(core_.core(), effects, absl::Now());
}

}  // namespace outerloop::coordinator
