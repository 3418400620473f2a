#include "coordinator/service/engine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "coordinator/core/failure.h"
#include "spdlog/spdlog.h"

namespace outerloop::coordinator {

Engine::Engine(const EngineOptions& options, Store& store, Board& board, Dispatcher& dispatcher,
               EngineMetrics& metrics)
    : options_(options),
      store_(store),
      board_(board),
      dispatcher_(dispatcher),
      metrics_(metrics),
      core_(options.core) {}

Engine::~Engine() { Stop(); }

absl::Status Engine::Start() {
  Remembered remembered;
  ASSIGN_OR_RETURN(remembered.jobs, store_.Jobs());
  ASSIGN_OR_RETURN(remembered.checkpoints, store_.Checkpoints());
  ASSIGN_OR_RETURN(remembered.evaluations, store_.Evaluations());
  CarryOut(core_.Restore(remembered, absl::Now()));
  RETURN_IF_ERROR(Flush());
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
  if (!stopping_) inbox_.push_back({std::move(event), nullptr, nullptr});
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
    std::deque<Item> items = Take(next_flush);
    for (Item& item : items) Handle(std::move(item));
    if (absl::Now() >= next_flush) {
      CarryOut(core_.Apply(Tick{}, absl::Now()));
      Flush().IgnoreError();  // Logged, and tried again.
      next_flush = absl::Now() + options_.flush_period;
    }
    absl::MutexLock lock(&mu_);
    if (stopping_ && inbox_.empty()) break;
  }
  Flush().IgnoreError();
}

std::deque<Engine::Item> Engine::Take(absl::Time until) {
  absl::MutexLock lock(&mu_);
  const auto ready = [this]()
                         ABSL_SHARED_LOCKS_REQUIRED(mu_) { return stopping_ || !inbox_.empty(); };
  mu_.AwaitWithDeadline(absl::Condition(&ready), until);
  return std::exchange(inbox_, {});
}

void Engine::Handle(Item item) {
  if (item.decide) return Serve(item.decide, item.done);
  CarryOut(core_.Apply(item.event, absl::Now()));
}

void Engine::Serve(const Decide& decide, const Done& done) {
  absl::StatusOr<Decision> decision = decide(core_);
  if (!decision.ok()) return done(decision.status());
  if (!decision->durable_first.empty()) {
    const absl::Status stored = store_.Commit(decision->durable_first);
    if (!stored.ok()) return done(stored);
  }
  if (decision->event.has_value()) CarryOut(core_.Apply(*decision->event, absl::Now()));
  const absl::Status flushed = Flush();
  if (!flushed.ok()) return done(flushed);
  done(decision->id);
}

void Engine::CarryOut(Effects effects) {
  for (const std::string& line : effects.log) spdlog::info("{}", line);
  metrics_.Count(effects);
  for (const Write& write : effects.deferred_writes) Queue(write);
  for (const Write& write : effects.writes) Queue(write);
  urgent_ = urgent_ || !effects.writes.empty();
  for (Message& message : effects.messages) messages_.push_back(std::move(message));
  changed_jobs_.merge(effects.changed_jobs);
  workers_changed_ = workers_changed_ || effects.workers_changed;
  if (urgent_) {
    Flush().IgnoreError();  // Logged, and tried again with the next flush.
  } else {
    SendMessages();
  }
}

void Engine::Queue(const Write& write) {
  if (const auto* step = std::get_if<StepRecord>(&write)) {
    pending_.Put(step->job_id, step->metrics);
  } else if (const auto* job = std::get_if<JobRecord>(&write)) {
    pending_.Put(*job);
  } else if (const auto* evaluation = std::get_if<EvaluationRecord>(&write)) {
    pending_.Put(*evaluation);
  } else {
    pending_.Put(std::get<ScoresRecord>(write));
  }
}

absl::Status Engine::Flush() {
  if (!pending_.empty()) {
    const absl::Time begin = absl::Now();
    const absl::Status stored = store_.Commit(pending_);
    if (!stored.ok()) {
      if (std::exchange(storing_, false)) {
        spdlog::error("cannot store: {}; jobs wait until it is possible again", stored.ToString());
      }
      return stored;
    }
    metrics_.Committed(absl::Now() - begin);
    if (!std::exchange(storing_, true)) spdlog::info("storing is possible again");
    pending_ = {};
    urgent_ = false;
  }
  SendMessages();
  Publish();
  return absl::OkStatus();
}

void Engine::SendMessages() {
  while (!messages_.empty()) {
    const Message message = std::move(messages_.front());
    messages_.pop_front();
    const absl::Status sent = dispatcher_.Dispatch(core_, message);
    if (sent.ok()) continue;
    spdlog::error("message to session {} cannot be made: {}", message.to, sent.ToString());
    if (std::optional<Event> failure = FailureOf(message, sent)) Post(*std::move(failure));
  }
}

void Engine::Publish() {
  if (std::exchange(workers_changed_, false)) {
    std::vector<v1::WorkerStatus> workers = core_.DescribeWorkers();
    metrics_.Show(workers);
    board_.PublishWorkers(std::move(workers));
  }
  if (changed_jobs_.empty()) return;
  for (const std::string& job_id : std::exchange(changed_jobs_, {})) {
    if (const Job* job = core_.FindJob(job_id)) board_.Publish(core_.Describe(*job));
  }
  metrics_.Show(board_.Jobs());
}

}  // namespace outerloop::coordinator
