#include "tests/simulation/worker_process.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/protocol.h"
#include "tests/simulation/brief.h"
#include "tests/simulation/coordinator_process.h"
#include "tests/simulation/perturb.h"

namespace outerloop::simulation {
namespace {

// As worker/session.h has it.
constexpr absl::Duration kLease = absl::Seconds(2);

}  // namespace

struct WorkerProcess::Memory {
  Memory(WorkerProcess& process, v1::Hello hello)
      : member(hello),
        executor(process.cluster_, process, process.link_, process.condition_, process.number_,
                 hello.worker_id(),
                 [&process](uint64_t number, worker::Outcome outcome) {
                   process.Apply(worker::OperationEnded{number, std::move(outcome)});
                 }),
        backoff({.initial = absl::Milliseconds(20), .maximum = absl::Seconds(1)},
                static_cast<uint64_t>(process.number_)) {}

  worker::Member member;
  Executor executor;
  Backoff backoff;
  uint64_t connection = 0;         // Number of the latest.
  std::shared_ptr<Stream> stream;  // Null between connections.
  absl::Time heard;                // When anything came last over `stream`.
};

WorkerProcess::WorkerProcess(Cluster& cluster, int number, bool has_gloo)
    : Process(cluster.timeline),
      cluster_(cluster),
      number_(number),
      name_(absl::StrCat("w", number)),
      has_gloo_(has_gloo),
      link_(cluster.timeline, cluster.random.Next()) {}

WorkerProcess::~WorkerProcess() = default;

std::string WorkerProcess::worker_id() const { return absl::StrCat(name_, "-", life()); }

// ---- Lives

void WorkerProcess::Start() {
  if (alive()) return;
  Begin();
  v1::Hello hello;
  hello.set_protocol_version(kWorkerProtocolVersion);
  hello.set_worker_id(worker_id());
  hello.set_name(name_);
  hello.set_host("host");
  hello.set_threads(1);
  hello.mutable_numerics()->set_device("cpu");
  hello.add_reducers(v1::COORDINATOR);
  if (has_gloo_) hello.add_reducers(v1::GLOO);
  cluster_.trace.Note("%s: starts", hello.worker_id());
  memory_ = std::make_unique<Memory>(*this, hello);
  Connect();
  After(kHeartbeat, [this] { Beat(); });
}

void WorkerProcess::Kill() {
  if (!alive()) return;
  cluster_.trace.Note("%s: dies", worker_id());
  Die();
  memory_.reset();
  timeline_.After(cluster_.random.Between(absl::Milliseconds(50), absl::Seconds(3)),
                  [this] { Start(); });
}

void WorkerProcess::Stop() {
  Run([this] { Apply(worker::ShutdownRequested{}); });
}

// ---- Session

void WorkerProcess::Connect() {
  const uint64_t connection = ++memory_->connection;
  if (!cluster_.coordinator.alive()) return ConnectAgain();
  memory_->stream = Stream::Make(link_, *this, cluster_.coordinator);
  memory_->heard = timeline_.now();
  memory_->stream->SetOnEnd(kClient, [this, connection](const absl::Status& status) {
    LoseConnection(connection, status);
  });
  cluster_.trace.Note("%s: connection %d", worker_id(), connection);
  Apply(worker::Connected{connection});
}

void WorkerProcess::LoseConnection(uint64_t connection, const absl::Status& status) {
  if (connection != memory_->connection || memory_->stream == nullptr) return;
  cluster_.trace.Note("%s: lost connection %d: %s", worker_id(), connection, status.ToString());
  memory_->stream = nullptr;
  ConnectAgain();
  Apply(worker::ConnectionLost{connection});
}

void WorkerProcess::ConnectAgain() {
  After(memory_->backoff.Next(), [this] { Connect(); });
}

void WorkerProcess::BreakConnection(absl::Duration here, absl::Duration at_coordinator) {
  if (alive() && memory_->stream != nullptr) memory_->stream->Break(here, at_coordinator);
}

void WorkerProcess::Beat() {
  After(kHeartbeat, [this] { Beat(); });
  if (memory_->stream == nullptr) return;
  if (timeline_.now() - memory_->heard >= kLease) {
    // The other end may never learn of it: a reset does not pass a partition.
    memory_->stream->GiveUp(kClient,
                            cluster_.random.Chance(0.5)
                                ? absl::InfiniteDuration()
                                : cluster_.random.Between(absl::ZeroDuration(), absl::Seconds(3)));
    return LoseConnection(memory_->connection, absl::DeadlineExceededError("nothing heard"));
  }
  v1::WorkerMessage message;
  *message.mutable_heartbeat() = memory_->executor.status();
  Say(std::move(message));
}

void WorkerProcess::Receive(uint64_t connection, const v1::CoordinatorMessage& message) {
  if (connection != memory_->connection) return;
  memory_->heard = timeline_.now();
  if (message.has_welcome()) memory_->backoff.Reset();
  Apply(worker::Received{connection, message});
}

void WorkerProcess::Say(v1::WorkerMessage message) {
  Perturb(cluster_.mutation, message);
  const auto deliver = [this, life = life(),
                        connection = memory_->connection](const v1::CoordinatorMessage& answer) {
    if (life == this->life()) Receive(connection, answer);
  };
  memory_->stream->Send(
      kClient, [&coordinator = cluster_.coordinator, stream = memory_->stream.get(),
                message = std::move(message),
                deliver] { coordinator.Receive(stream->shared_from_this(), message, deliver); });
}

// ---- Member

void WorkerProcess::Apply(worker::MemberEvent event) {
  for (const worker::Action& action : memory_->member.Apply(std::move(event))) {
    if (!alive()) return;
    std::visit([this](const auto& what) { Perform(what); }, action);
  }
}

void WorkerProcess::Perform(const worker::Begin& begin) {
  memory_->executor.Begin(begin.number, begin.operation);
}

void WorkerProcess::Perform(const worker::CancelOperation& cancel) {
  memory_->executor.Cancel(cancel.number);
}

void WorkerProcess::Perform(const worker::Send& send) {
  if (memory_->stream == nullptr || send.connection != memory_->connection) return;
  cluster_.trace.Note("%s ->: %s", worker_id(), Brief(send.message));
  Say(send.message);
}

void WorkerProcess::Perform(const worker::Finish&) {
  cluster_.trace.Note("%s: finishes", worker_id());
  if (memory_->stream != nullptr) memory_->stream->Close(kClient, absl::OkStatus());
  // Not from within its own callbacks.
  After(absl::ZeroDuration(), [this] { Kill(); });
}

}  // namespace outerloop::simulation
