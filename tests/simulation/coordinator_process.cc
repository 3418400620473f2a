#include "tests/simulation/coordinator_process.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status_macros.h"
#include "coordinator/core/complete_spec.h"
#include "coordinator/core/failure.h"
#include "coordinator/core/requests.h"
#include "coordinator/service/worker_events.h"
#include "coordinator/service/worker_messages.h"
#include "tests/simulation/brief.h"
#include "tests/simulation/perturb.h"

namespace outerloop::simulation {
namespace {

using coordinator::CheckpointRecord;
using coordinator::Core;
using coordinator::EvaluationRecord;
using coordinator::JobRecord;

// As service/engine.h has it.
constexpr absl::Duration kFlushPeriod = absl::Milliseconds(100);
// What the engine's thread may be at when a request comes: nothing much, or a slow commit.
constexpr absl::Duration kShortWait = absl::Milliseconds(1);
constexpr absl::Duration kLongWait = absl::Milliseconds(400);
constexpr double kLongWaits = 0.2;  // Of all waits.
// Small, so that a watch often has more to say than one message holds.
constexpr size_t kStepsPerMessage = 5;

}  // namespace

// A member's stream of the `coordinator` reducer.
class CoordinatorProcess::HubMember : public coordinator::AllReduceMember {
 public:
  HubMember(std::shared_ptr<Stream> stream, DeliverChunk deliver)
      : stream_(std::move(stream)), deliver_(std::move(deliver)) {}
  ~HubMember() override {
    if (exchange_ != nullptr) exchange_->Leave(this);
  }

  absl::Status Take(coordinator::AllReduceHub& hub, const v1::ReduceChunk& chunk) {
    if (exchange_ != nullptr) return exchange_->Contribute(chunk);
    ASSIGN_OR_RETURN(auto exchange, hub.Find(chunk.header()));
    RETURN_IF_ERROR(exchange->Join(this));
    exchange_ = std::move(exchange);
    return absl::OkStatus();
  }
  void Deliver(const v1::ReduceChunk& chunk) override {
    stream_->Send(kServer, [deliver = deliver_, chunk] { deliver(chunk); });
  }
  void End(const absl::Status& status) override { stream_->Close(kServer, status); }

 private:
  const std::shared_ptr<Stream> stream_;
  const DeliverChunk deliver_;
  std::shared_ptr<coordinator::AllReduceExchange> exchange_;  // Once joined.
};

struct CoordinatorProcess::Memory {
  Memory(const coordinator::CoreOptions& options, coordinator::Edges& edges)
      : core(options, edges) {}

  coordinator::DurableCore core;
  std::vector<std::pair<coordinator::Decide, Reply<std::string>>> waiting;  // In this order.
  coordinator::Board board;
  coordinator::AllReduceHub hub;
  coordinator::SessionId next_session = 1;
  std::map<coordinator::SessionId, Session> sessions;
  std::map<const Stream*, coordinator::SessionId> session_of;  // Of every stream that has begun.
  std::map<const Stream*, std::unique_ptr<HubMember>> reducers;
  std::set<std::pair<std::string, uint64_t>>
      known_groups;  // Job, generation: whose start it knows.
  std::list<std::shared_ptr<Stream>> watches;
  std::map<std::string, std::shared_ptr<const data::TaskSampler>> samplers;
};

CoordinatorProcess::CoordinatorProcess(Timeline& timeline, Disk& disk)
    : Process(timeline), disk_(disk) {}

CoordinatorProcess::~CoordinatorProcess() = default;

// ---- Lives

void CoordinatorProcess::Start() {
  Begin();
  cluster_->trace.Note("coordinator: starts");
  Run([this] { Restore(); });
}

void CoordinatorProcess::Restore() {
  coordinator::CoreOptions options;
  if (cluster_->mutation == Mutation::kIgnoresLostWorkers) options.lease = absl::InfiniteDuration();
  if (cluster_->mutation != Mutation::kIgnoresQuota) options.worker_quota = quota_;
  memory_ = std::make_unique<Memory>(options, static_cast<coordinator::Edges&>(*this));
  coordinator::Remembered remembered = disk_.Remember();
  Perturb(cluster_->mutation, remembered);
  const absl::Status restored = memory_->core.Restore(remembered, timeline_.now());
  if (!restored.ok()) throw Crash();
  std::set<std::string> known;
  for (const JobRecord* job : disk_.Jobs()) {
    if (memory_->core.core().FindJob(job->job_id) != nullptr) known.insert(job->job_id);
  }
  cluster_->referee.Restored(known);
  After(kFlushPeriod, [this] { Tick(); });
  After(kHeartbeat, [this] { Beat(); });
}

void CoordinatorProcess::Kill() {
  if (!alive()) return;
  cluster_->trace.Note("coordinator: dies");
  Die();  // Before the memory goes: streams end first, and what destructors say is not heard.
  memory_.reset();
  unsynced_.clear();
  timeline_.After(cluster_->random.Between(absl::Milliseconds(20), absl::Milliseconds(4000)),
                  [this] { Start(); });
}

void CoordinatorProcess::Execute(const std::function<void()>& what) {
  try {
    what();
  } catch (const Crash&) {
    Kill();
  }
}

void CoordinatorProcess::CrashPoint(const char* where) {
  if (!cluster_->random.Chance(condition_.crash_chance)) return;
  ++cluster_->counts.faults[where];
  throw Crash();
}

void CoordinatorProcess::Tick() {
  for (const coordinator::Write& write : std::exchange(unsynced_, {})) Put(write);
  memory_->core.Apply(coordinator::Tick{}, timeline_.now());
  memory_->core.Flush().IgnoreError();
  After(kFlushPeriod, [this] { Tick(); });
}

void CoordinatorProcess::Beat() {
  for (const auto& [id, session] : memory_->sessions) {
    v1::CoordinatorMessage message;
    message.mutable_heartbeat();
    session.stream->Send(kServer, [deliver = session.deliver, message] { deliver(message); });
  }
  After(kHeartbeat, [this] { Beat(); });
}

// ---- Edges

absl::Status CoordinatorProcess::Commit(const std::vector<coordinator::Write>& writes) {
  CrashPoint("coordinator dies before a commit");
  if (timeline_.now() < condition_.disk_full_until) {
    ++cluster_->counts.faults["commit refused by the disk"];
    if (cluster_->mutation == Mutation::kIgnoresDiskErrors) return absl::OkStatus();
    return absl::ResourceExhaustedError("the disk is full");
  }
  if (cluster_->mutation == Mutation::kCommitsInMemory) {
    unsynced_.insert(unsynced_.end(), writes.begin(), writes.end());
  } else if (cluster_->mutation == Mutation::kReordersWrites) {
    std::for_each(writes.rbegin(), writes.rend(), [this](const auto& write) { Put(write); });
  } else {
    for (const coordinator::Write& write : writes) Put(write);
  }
  ++cluster_->counts.activity["commits"];
  CrashPoint("coordinator dies after a commit");
  return absl::OkStatus();
}

void CoordinatorProcess::Put(const coordinator::Write& write) {
  if (const auto* step = std::get_if<coordinator::StepRecord>(&write)) {
    cluster_->trace.Note("disk: %s step %d", step->job_id, step->metrics.step());
  }
  if (!IsKept(cluster_->mutation, disk_, write)) return;
  cluster_->referee.Committing(write);
  disk_.Apply(write);
}

void CoordinatorProcess::Send(const Core& core, const coordinator::Message& message) {
  const auto session = memory_->sessions.find(message.to);
  if (const auto* close = std::get_if<coordinator::CloseSession>(&message.content)) {
    cluster_->trace.Note("coordinator: closes session %d: %s", message.to,
                         close->status.ToString());
    if (session == memory_->sessions.end()) return;
    session->second.stream->Close(kServer, close->status);
    memory_->sessions.erase(session);
    After(absl::Milliseconds(1), [this, id = message.to] { Apply(coordinator::WorkerLost{id}); });
    return;
  }
  AttendHub(message);
  absl::StatusOr<v1::CoordinatorMessage> out =
      ToMessage(core, message, [this](const JobRecord& job) { return SamplerOf(job); });
  if (!out.ok()) {
    if (auto failure = FailureOf(message, out.status())) {
      After(absl::ZeroDuration(), [this, failure = *failure] { Apply(failure); });
    }
    return;
  }
  Perturb(cluster_->mutation, *out);
  NoteAdoption(*out);
  cluster_->trace.Note("coordinator -> %d: %s", message.to, Brief(*out));
  cluster_->referee.Sending(life(), message.to, *out);
  if (session == memory_->sessions.end()) return;
  session->second.stream->Send(
      kServer, [deliver = session->second.deliver, out = *std::move(out)] { deliver(out); });
}

void CoordinatorProcess::NoteAdoption(const v1::CoordinatorMessage& message) {
  const auto key = [](const auto& of) { return std::make_pair(of.job_id(), of.generation()); };
  if (message.has_start_group()) memory_->known_groups.insert(key(message.start_group()));
  if (!message.has_step_plan()) return;
  if (memory_->known_groups.insert(key(message.step_plan())).second) {
    ++cluster_->counts.activity["groups adopted by a restarted coordinator"];
  }
}

void CoordinatorProcess::AttendHub(const coordinator::Message& message) {
  if (const auto* join = std::get_if<coordinator::SendJoinGroup>(&message.content)) {
    memory_->hub.End(join->job_id, join->generation - 1);
  } else if (const auto* leave = std::get_if<coordinator::SendLeaveGroup>(&message.content)) {
    memory_->hub.End(leave->job_id, leave->generation);
  } else if (const auto* start = std::get_if<coordinator::SendStartGroup>(&message.content)) {
    if (start->rank == 0) memory_->hub.Begin(start->job_id, start->generation, start->size);
  }
}

void CoordinatorProcess::Publish(const Core& core, const std::set<std::string>& jobs,
                                 bool workers) {
  if (workers) memory_->board.PublishWorkers(core.DescribeWorkers());
  cluster_->referee.CheckWorkers(core, quota_);
  for (const std::string& job_id : jobs) {
    const coordinator::Job* job = core.FindJob(job_id);
    if (job == nullptr) {
      memory_->board.Remove(job_id);
      continue;
    }
    v1::Job view = core.Describe(*job);
    cluster_->referee.Showing(view);
    memory_->board.Publish(std::move(view));
  }
}

void CoordinatorProcess::Drop(const std::string& sha256) {
  CrashPoint("coordinator dies before a dropped checkpoint's file goes");
  disk_.CollectBlob(sha256);
}

void CoordinatorProcess::Note(const coordinator::Effects& effects) {
  for (const std::string& line : effects.log) {
    cluster_->trace.Note("coordinator: %s", line);
    if (absl::StrContains(line, " gave way to job")) ++cluster_->counts.activity["preemptions"];
  }
}

absl::StatusOr<std::shared_ptr<const data::TaskSampler>> CoordinatorProcess::SamplerOf(
    const JobRecord& job) {
  auto& sampler = memory_->samplers[job.job_id];
  if (sampler == nullptr) {
    v1::JobSpec spec = job.spec;
    if (cluster_->mutation == Mutation::kTasksByGeneration) {
      spec.mutable_training()->set_seed(spec.training().seed() + life() - 1);
    }
    ASSIGN_OR_RETURN(sampler, data::TaskSampler::Create(spec, nullptr));
  }
  return sampler;
}

// ---- Sessions

void CoordinatorProcess::Apply(const coordinator::Event& event) {
  memory_->core.Apply(event, timeline_.now());
}

void CoordinatorProcess::Receive(const std::shared_ptr<Stream>& stream,
                                 const v1::WorkerMessage& message, const Deliver& deliver) {
  const auto known = memory_->session_of.find(stream.get());
  if (known == memory_->session_of.end()) {
    Apply(coordinator::ToEvent(Greet(stream, message.hello(), deliver), message.hello()));
    return;
  }
  absl::StatusOr<coordinator::Event> event = coordinator::ToEvent(known->second, message);
  if (!event.ok()) return stream->Close(kServer, event.status());
  Perturb(cluster_->mutation, memory_->core.core(), *event);
  if (Passes(cluster_->mutation, memory_->core.core(), *event)) Apply(*event);
}

coordinator::SessionId CoordinatorProcess::Greet(const std::shared_ptr<Stream>& stream,
                                                 const v1::Hello& hello, const Deliver& deliver) {
  const coordinator::SessionId id = memory_->next_session++;
  memory_->session_of[stream.get()] = id;
  memory_->sessions[id] = {id, stream, deliver};
  stream->SetOnEnd(kServer, [this, id](const absl::Status& status) {
    cluster_->trace.Note("coordinator: session %d has ended: %s", id, status.ToString());
    memory_->sessions.erase(id);
    if (cluster_->mutation != Mutation::kIgnoresLostWorkers) Apply(coordinator::WorkerLost{id});
  });
  v1::CoordinatorMessage welcome;
  welcome.mutable_welcome()->set_coordinator_version("simulated");
  stream->Send(kServer, [deliver, welcome] { deliver(welcome); });
  return id;
}

void CoordinatorProcess::Reduce(const std::shared_ptr<Stream>& stream, const v1::ReduceChunk& chunk,
                                const DeliverChunk& deliver) {
  std::unique_ptr<HubMember>& member = memory_->reducers[stream.get()];
  if (member == nullptr) {
    member = std::make_unique<HubMember>(stream, deliver);
    stream->SetOnEnd(
        kServer, [this, key = stream.get()](const absl::Status&) { memory_->reducers.erase(key); });
  }
  const absl::Status status = member->Take(memory_->hub, chunk);
  if (!status.ok()) stream->Close(kServer, status);
}

// ---- Requests

void CoordinatorProcess::Submit(const std::string& request_id, const v1::JobSpec& spec,
                                uint64_t hold_step, const Reply<std::string>& reply) {
  absl::StatusOr<v1::JobSpec> complete = coordinator::CompleteSpec(spec);
  if (!complete.ok()) return reply(complete.status());
  JobRecord job;
  job.spec = *std::move(complete);
  job.job_id = absl::StrCat("job-", ++ids_);
  job.request_id = request_id;
  job.hold_step = hold_step;
  if (cluster_->mutation == Mutation::kIgnoresRequestIds) absl::StrAppend(&job.request_id, ids_);
  job.created = timeline_.now();
  Serve([job](const Core& core) { return coordinator::DecideSubmit(core, job); }, reply);
}

void CoordinatorProcess::Serve(coordinator::Decide decide, const Reply<std::string>& reply) {
  memory_->waiting.emplace_back(std::move(decide), reply);
  if (memory_->waiting.size() > 1) return;  // The first has seen to it.
  const bool slow = cluster_->random.Chance(kLongWaits);
  After(slow ? kLongWait : kShortWait, [this] { ServeWaiting(); });
}

void CoordinatorProcess::ServeWaiting() {
  const auto waiting = std::exchange(memory_->waiting, {});
  if (waiting.size() > 1) ++cluster_->counts.activity["requests committed together"];
  std::vector<coordinator::Decide> requests;
  for (const auto& [decide, reply] : waiting) requests.push_back(decide);
  const auto answers = memory_->core.Serve(requests, timeline_.now());
  for (size_t i = 0; i < waiting.size(); ++i) waiting[i].second(answers[i]);
}

void CoordinatorProcess::ServeOnJob(const std::string& job_id, coordinator::Decide decide,
                                    const Reply<std::string>& reply) {
  Serve(
      [job_id,
       decide = std::move(decide)](const Core& core) -> absl::StatusOr<coordinator::Decision> {
        if (core.FindJob(job_id) == nullptr) return absl::NotFoundError(job_id);
        return decide(core);
      },
      reply);
}

void CoordinatorProcess::Release(const std::string& request_id, const std::string& job_id,
                                 const Reply<std::string>& reply) {
  ServeOnJob(
      job_id,
      [job_id, request_id](const Core& core) {
        return coordinator::DecideRelease(core, job_id, request_id, /*hold_step=*/0);
      },
      reply);
}

void CoordinatorProcess::SetPriority(const std::string& request_id, const std::string& job_id,
                                     int32_t priority, const Reply<std::string>& reply) {
  ServeOnJob(
      job_id,
      [job_id, request_id, priority](const Core& core) {
        return coordinator::DecidePriority(core, job_id, request_id, priority);
      },
      reply);
}

void CoordinatorProcess::Delete(const std::string& request_id, const std::string& job_id,
                                const Reply<std::string>& reply) {
  Serve([job_id, request_id](
            const Core& core) { return coordinator::DecideDeletion(core, job_id, request_id); },
        reply);
}

void CoordinatorProcess::Cancel(const std::string& job_id, const Reply<std::string>& reply) {
  ServeOnJob(
      job_id, [job_id](const Core& core) { return coordinator::DecideCancel(core, job_id); },
      reply);
}

void CoordinatorProcess::PauseJob(const std::string& request_id, const std::string& job_id,
                                  const Reply<std::string>& reply) {
  const bool forgets = cluster_->mutation == Mutation::kTakesPausesTwice;
  const std::string id = forgets ? absl::StrCat(request_id, "-", ++ids_) : request_id;
  ServeOnJob(
      job_id, [job_id, id](const Core& core) { return coordinator::DecidePause(core, job_id, id); },
      reply);
}

void CoordinatorProcess::Resume(const std::string& request_id, const std::string& job_id,
                                const Reply<std::string>& reply) {
  ServeOnJob(
      job_id,
      [job_id, request_id](const Core& core) {
        return coordinator::DecideResume(core, job_id, request_id, std::nullopt);
      },
      reply);
}

void CoordinatorProcess::Evaluate(const std::string& request_id, const std::string& job_id,
                                  const v1::EvaluationSpec& spec, const Reply<std::string>& reply) {
  const std::vector<CheckpointRecord> checkpoints = disk_.Checkpoints(job_id);
  if (checkpoints.empty()) return reply(absl::NotFoundError("no checkpoint yet"));
  EvaluationRecord evaluation;
  evaluation.spec =
      coordinator::CompleteEvaluation(spec, disk_.FindJob(job_id)->spec, "spec").value();
  evaluation.evaluation_id = absl::StrCat("evaluation-", ++ids_);
  evaluation.request_id = request_id;
  evaluation.job_id = job_id;
  evaluation.step = checkpoints.back().step;
  evaluation.checkpoint_sha256 = checkpoints.back().sha256;
  evaluation.parameters_sha256 = checkpoints.back().parameters_sha256;
  evaluation.created = timeline_.now();
  Serve([evaluation](const Core& core) { return coordinator::DecideEvaluation(core, evaluation); },
        reply);
}

std::vector<v1::WorkerStatus> CoordinatorProcess::Workers() const {
  return memory_ == nullptr ? std::vector<v1::WorkerStatus>() : memory_->board.Workers();
}

void CoordinatorProcess::FetchBlob(const std::string& sha256, const Reply<TrainingState>& reply) {
  const TrainingState* state = disk_.FindBlob(sha256);
  if (state == nullptr) return reply(absl::NotFoundError(sha256));
  reply(*state);
}

void CoordinatorProcess::StoreCheckpoint(const v1::StoreCheckpointHeader& header,
                                         const TrainingState& state,
                                         const Reply<std::string>& reply) {
  CrashPoint("coordinator dies before a checkpoint's file");
  if (timeline_.now() < condition_.disk_full_until) {
    return reply(absl::ResourceExhaustedError("the disk is full"));
  }
  if (cluster_->mutation != Mutation::kSyncsRecordsOnly) disk_.PutBlob(header.sha256(), state);
  CrashPoint("coordinator dies after a checkpoint's file");
  CheckpointRecord checkpoint;
  checkpoint.job_id = header.job_id();
  checkpoint.step = header.step();
  checkpoint.sha256 = header.sha256();
  checkpoint.size_bytes = header.size_bytes();
  checkpoint.parameters_sha256 = header.parameters_sha256();
  checkpoint.created = timeline_.now();
  Serve(
      [this, checkpoint, generation = header.generation()](
          const Core& core) -> absl::StatusOr<coordinator::Decision> {
        // As WorkerService::Accept: it may have lost its last name while the request waited.
        const bool is_there = disk_.FindBlob(checkpoint.sha256) != nullptr;
        if (!is_there && cluster_->mutation != Mutation::kSyncsRecordsOnly) {
          return absl::DataLossError("the file was removed meanwhile; send it again");
        }
        return coordinator::DecideCheckpoint(core, generation, checkpoint);
      },
      reply);
}

// ---- Watches

void CoordinatorProcess::Watch(const std::shared_ptr<Stream>& stream, const std::string& job_id,
                               uint64_t after_step, const Show& show) {
  if (memory_->board.Find(job_id) == nullptr) {
    return stream->Close(kServer, absl::NotFoundError(job_id));
  }
  memory_->watches.push_back(stream);
  stream->SetOnEnd(kServer, [this, owner = stream.get()](const absl::Status&) {
    memory_->board.Unwatch(owner);
  });
  // As JobService::WatchJob fills its messages.
  memory_->board.Watch(
      stream.get(), job_id,
      [this, stream, show, cursor = after_step](const coordinator::Board::JobView& job) mutable {
        std::vector<v1::StepMetrics> steps;
        do {
          v1::WatchJobResponse response;
          *response.mutable_job() = *job;
          steps = disk_.Steps(job->job_id(), cursor, kStepsPerMessage);
          for (const v1::StepMetrics& step : steps) *response.add_steps() = step;
          if (!steps.empty()) cursor = steps.back().step();
          stream->Send(kServer, [show, response] { show(response); });
        } while (steps.size() == kStepsPerMessage);
        if (coordinator::IsFinal(job->state())) stream->Close(kServer, absl::OkStatus());
      });
}

}  // namespace outerloop::simulation
