#include "tests/simulation/executor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/simulation/coordinator_process.h"
#include "tests/simulation/hub_reducer.h"

namespace outerloop::simulation {
namespace {

// As worker/workplace.h has it.
constexpr absl::Duration kReduceTimeout = absl::Seconds(60);
// How often a thread that is stuck looks whether it still is.
constexpr absl::Duration kGlance = absl::Milliseconds(200);
// Checkpoints that wait to be stored, at most.
constexpr size_t kMaxToStore = 2;

// In the order of worker::Operation.
constexpr const char* kNames[] = {
    "to prepare",           "to take over a state", "a step",
    "to keep a checkpoint", "to close its group",   "to score a shard"};

}  // namespace

Executor::Executor(Cluster& cluster, Process& process, Link& link, const Condition& condition,
                   int worker, std::string worker_id, Ended ended)
    : cluster_(cluster),
      process_(process),
      link_(link),
      condition_(condition),
      worker_(worker),
      worker_id_(std::move(worker_id)),
      ended_(std::move(ended)) {
  status_.set_phase(v1::Heartbeat::IDLE);
}

// ---- Operations in general

void Executor::Begin(uint64_t number, std::shared_ptr<const worker::Operation> operation) {
  if (number_ != 0) throw Violation("a worker does one thing at a time: " + worker_id_);
  number_ = number;
  operation_ = std::move(operation);
  cluster_.trace.Note("%s: begins %s", worker_id_, kNames[operation_->index()]);
  std::visit([this](const auto& what) { Do(what); }, *operation_);
}

void Executor::Cancel(uint64_t number) {
  if (number != number_) return;
  cluster_.trace.Note("%s: cancels %s", worker_id_, kNames[operation_->index()]);
  // It may still succeed in the meantime.
  const absl::Duration notices = cluster_.random.Exponential(absl::Milliseconds(3));
  process_.After(notices, [this, number] {
    if (number != number_) return;
    ++stage_;
    reducer_.reset();
    Later(absl::ZeroDuration(), absl::Milliseconds(5),
          [this] { Fail(v1::GroupFailed::PEERS, "cancelled"); });
  });
}

void Executor::Later(absl::Duration low, absl::Duration high, std::function<void()> next) {
  const absl::Duration wait = condition_.slowness * cluster_.random.Between(low, high);
  process_.After(wait, [this, stage = stage_, next = std::move(next)] {
    if (stage != stage_) return;
    if (condition_.stuck_until > cluster_.timeline.now()) return Later(kGlance, kGlance, next);
    status_.set_progress(status_.progress() + 1);
    next();
  });
}

void Executor::Enter(v1::Heartbeat::Phase phase, uint64_t step) {
  status_.set_phase(phase);
  status_.set_step(step);
  status_.set_progress(status_.progress() + 1);
}

void Executor::End(worker::Outcome outcome) {
  ++stage_;
  operation_.reset();
  Enter(v1::Heartbeat::IDLE);
  ended_(std::exchange(number_, 0), std::move(outcome));
}

void Executor::Fail(v1::GroupFailed::Cause cause, const std::string& reason) {
  End(worker::Failure{cause, reason});
}

// ---- Groups

void Executor::Do(const worker::Prepare& prepare) {
  Enter(v1::Heartbeat::PREPARE);
  const bool slow = cluster_.random.Chance(0.05);
  Later(absl::Milliseconds(1), slow ? absl::Milliseconds(1500) : absl::Milliseconds(20), [this] {
    join_ = std::get<worker::Prepare>(*operation_).join;
    const bool fits = trainer_ && trainer_->job_id == join_.job_id() &&
                      trainer_->resumed_generation == join_.resumed_generation();
    if (!fits) {
      trainer_.emplace(Trainer{join_.job_id(), join_.resumed_generation(), Arithmetic(join_.spec()),
                               std::nullopt});
    }
    worker::Prepared prepared;
    if (trainer_->state) prepared.held_step = trainer_->state->step;
    prepared.endpoint = absl::StrCat(worker_id_, "/", join_.job_id(), "/", join_.generation());
    End(std::move(prepared));
  });
}

void Executor::Do(const worker::CloseGroup&) {
  Enter(v1::Heartbeat::PREPARE);
  Later(absl::ZeroDuration(), absl::Milliseconds(2), [this] {
    reducer_.reset();
    End(worker::GroupClosed{});
  });
}

void Executor::OpenReducer(const v1::StartGroup& start) {
  v1::ReduceHeader header;
  header.set_job_id(start.job_id());
  header.set_generation(start.generation());
  header.set_rank(start.rank());
  header.set_size(start.size());
  reducer_.reset();
  if (start.size() == 1) return;
  if (join_.reducer() == v1::COORDINATOR) {
    reducer_ = std::make_unique<HubReducer>(cluster_, link_, process_, header);
  } else {
    reducer_ = cluster_.peers.Open(header, worker_, process_);
  }
}

void Executor::AllReduce(Words words, std::function<void(const Words&)> next) {
  if (reducer_ == nullptr) return next(words);
  const uint64_t number = ++reduces_;
  const auto waits = [this, stage = stage_, number] {
    return stage == stage_ && number == reduces_;
  };
  reducer_->AllReduce(words,
                      [this, waits, next = std::move(next)](const absl::StatusOr<Words>& sum) {
                        if (!waits()) return;
                        ++reduces_;
                        if (!sum.ok())
                          return Fail(v1::GroupFailed::PEERS, std::string(sum.status().message()));
                        next(*sum);
                      });
  process_.After(kReduceTimeout, [this, waits] {
    if (waits()) Fail(v1::GroupFailed::PEERS, "no sum in time");
  });
}

void Executor::Do(const worker::TakeState& take) {
  Enter(v1::Heartbeat::TRANSFER);
  Later(absl::Milliseconds(1), absl::Milliseconds(5), [this] {
    const v1::StartGroup& start = std::get<worker::TakeState>(*operation_).start;
    OpenReducer(start);
    if (start.initial()) return TakeOver(trainer_->arithmetic.Initial());
    if (start.has_checkpoint_sha256()) {
      return Fetch(start.checkpoint_sha256(),
                   [this](const TrainingState& state) { TakeOver(state); });
    }
    const bool is_source = start.rank() == start.broadcast_from_rank();
    if (is_source && !trainer_->state) throw Violation("asked for a state that it has not");
    Enter(v1::Heartbeat::REDUCE, start.step());
    const Words words = is_source ? trainer_->state->ToWords() : TrainingState().ToWords();
    AllReduce(words, [this](const Words& sum) { TakeOver(TrainingState::FromWords(sum)); });
  });
}

void Executor::TakeOver(const TrainingState& state) {
  const v1::StartGroup& start = std::get<worker::TakeState>(*operation_).start;
  if (state.step != start.step()) {
    throw Violation(
        absl::StrCat("the group's state is of step ", state.step, ", not of step ", start.step()));
  }
  cluster_.referee.Holding(start.job_id(), state);
  const bool keeps = cluster_.mutation == Mutation::kKeepsOwnState && trainer_->state;
  if (!keeps) trainer_->state = state;
  trainer_->state->step = state.step;
  End(worker::StateTaken{});
}

// ---- Steps

void Executor::Do(const worker::TakeStep& step) {
  const v1::StepPlan& plan = step.plan;
  Enter(v1::Heartbeat::ADAPT, plan.step());
  if (cluster_.timeline.now() < condition_.broken_until) {
    ++cluster_.counts.faults["step failed on a worker"];
    return Later(absl::ZeroDuration(), absl::Milliseconds(5),
                 [this] { Fail(v1::GroupFailed::WORKER, "out of memory"); });
  }
  if (!has_state() || plan.step() != trainer_->state->step + 1) {
    throw Violation(absl::StrCat(worker_id_, ": a plan of step ", plan.step(), " too early"));
  }
  cluster_.referee.Computing(worker_id_, plan);
  int64_t tasks = 0;
  for (const v1::Shard& shard : plan.shards()) tasks += shard.tasks_size();
  const absl::Time begin = cluster_.timeline.now();
  Later(absl::Milliseconds(1 + 4 * tasks), absl::Milliseconds(2 + 8 * tasks), [this, begin] {
    const v1::StepPlan& plan = std::get<worker::TakeStep>(*operation_).plan;
    const double seconds = absl::ToDoubleSeconds(cluster_.timeline.now() - begin);
    Words sum = Arithmetic::Zeros();
    for (const v1::Shard& shard : plan.shards()) {
      Arithmetic::Add(trainer_->arithmetic.Contribution(shard, *trainer_->state), sum);
    }
    Enter(v1::Heartbeat::REDUCE, plan.step());
    AllReduce(sum, [this, begin, seconds](const Words& total) {
      Enter(v1::Heartbeat::UPDATE, std::get<worker::TakeStep>(*operation_).plan.step());
      Later(absl::Microseconds(200), absl::Milliseconds(2), [this, begin, seconds, total] {
        Update(std::get<worker::TakeStep>(*operation_).plan, begin, seconds, total);
      });
    });
  });
}

void Executor::Update(const v1::StepPlan& plan, absl::Time begin, double adapt_seconds,
                      const Words& sum) {
  TrainingState next = *trainer_->state;
  absl::StatusOr<v1::StepMetrics> metrics = trainer_->arithmetic.Apply(sum, next);
  if (!metrics.ok()) {
    return Fail(v1::GroupFailed::JOB, std::string(metrics.status().message()));
  }
  if (cluster_.mutation != Mutation::kInexactSum) cluster_.referee.Holding(plan.job_id(), next);
  trainer_->state = next;
  ++cluster_.counts.activity["steps of members"];
  worker::StepTaken taken;
  if (plan.digest() || plan.checkpoint()) taken.parameters_sha256 = next.Digest();
  taken.metrics = *metrics;
  taken.metrics.set_seconds(absl::ToDoubleSeconds(cluster_.timeline.now() - begin));
  taken.adapt_seconds = adapt_seconds;
  for (const v1::Shard& shard : plan.shards()) taken.tasks += shard.tasks_size();
  End(std::move(taken));
}

// ---- Checkpoints

void Executor::Do(const worker::KeepCheckpoint& keep) {
  Enter(v1::Heartbeat::CHECKPOINT, keep.step);
  if (to_store_.size() >= kMaxToStore) {
    return Later(absl::Milliseconds(5), absl::Milliseconds(10),
                 [this] { Do(std::get<worker::KeepCheckpoint>(*operation_)); });
  }
  if (!has_state() || trainer_->state->step != keep.step) {
    throw Violation(absl::StrCat(worker_id_, ": no state of step ", keep.step, " to keep"));
  }
  v1::StoreCheckpointHeader header;
  header.set_job_id(keep.job_id);
  header.set_generation(keep.generation);
  header.set_step(keep.step);
  header.set_sha256(trainer_->state->FileDigest());
  header.set_size_bytes(1);
  header.set_parameters_sha256(absl::BytesToHexString(trainer_->state->Digest()));
  to_store_.push_back({header, *trainer_->state});
  if (!storing_) StoreNext();
  Later(absl::ZeroDuration(), absl::Milliseconds(1), [this] { End(worker::CheckpointKept{}); });
}

void Executor::StoreNext() {
  storing_ = !to_store_.empty();
  if (!storing_) return;
  const Stored next = to_store_.front();
  status_.set_progress(status_.progress() + 1);
  Call<std::string>(
      link_, process_, cluster_.coordinator, {.may_repeat = true},
      [&coordinator = cluster_.coordinator, next](const Reply<std::string>& reply) {
        coordinator.StoreCheckpoint(next.header, next.state, reply);
      },
      [this](const absl::StatusOr<std::string>& stored) {
        const bool again = IsWorthRetrying(stored.status());
        if (!again) to_store_.pop_front();
        process_.After(cluster_.random.Between(absl::Milliseconds(1), absl::Milliseconds(200)),
                       [this] { StoreNext(); });
      });
}

// ---- Evaluations

void Executor::Fetch(const std::string& sha256, std::function<void(const TrainingState&)> next) {
  Call<TrainingState>(
      link_, process_, cluster_.coordinator, {},
      [&coordinator = cluster_.coordinator, sha256](const Reply<TrainingState>& reply) {
        coordinator.FetchBlob(sha256, reply);
      },
      [this, stage = stage_, sha256, next](const absl::StatusOr<TrainingState>& state) {
        if (stage != stage_) return;
        if (state.ok()) return next(*state);
        // Dropped, together with what it was to be used for.
        if (!IsWorthRetrying(state.status())) return Fail(v1::GroupFailed::JOB, "no such file");
        Later(absl::Milliseconds(20), absl::Milliseconds(200),
              [this, sha256, next] { Fetch(sha256, next); });
      });
}

void Executor::Do(const worker::ScoreShard& score) {
  Enter(v1::Heartbeat::EVALUATE);
  Fetch(score.request.checkpoint_sha256(), [this](const TrainingState& state) {
    Later(absl::Milliseconds(5), absl::Milliseconds(50), [this, state] {
      const v1::EvaluateShard& request = std::get<worker::ScoreShard>(*operation_).request;
      End(worker::ShardScored{Arithmetic(request.spec()).Score(request.shard(), state)});
    });
  });
}

}  // namespace outerloop::simulation
