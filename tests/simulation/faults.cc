#include "tests/simulation/faults.h"

#include <algorithm>

namespace outerloop::simulation {

const std::vector<Faults::Kind>& Faults::AllKinds() {
  static const std::vector<Kind> kinds = {
      {"worker killed", &Faults::KillWorker},
      {"worker's machine lost", &Faults::LoseMachine},
      {"worker told to stop", &Faults::StopWorker},
      {"worker paused", &Faults::PauseWorker},
      {"worker slowed down", &Faults::SlowWorker},
      {"worker stuck", &Faults::StickWorker},
      {"worker stuck for good", &Faults::StickWorkerForGood},
      {"worker broken", &Faults::BreakWorker},
      {"connection broken", &Faults::BreakConnection},
      {"partition towards the coordinator", &Faults::BlockToCoordinator},
      {"partition towards a worker", &Faults::BlockToWorker},
      {"partition both ways", &Faults::BlockBoth},
      {"partition between workers", &Faults::BlockPeers},
      {"client cut off", &Faults::BlockClient},
      {"link delayed", &Faults::DelayLink},
      {"coordinator killed", &Faults::KillCoordinator},
      {"coordinator paused", &Faults::PauseCoordinator},
      {"disk full", &Faults::FillDisk},
  };
  return kinds;
}

Faults::Faults(Cluster& cluster, std::vector<std::unique_ptr<WorkerProcess>>& workers,
               std::vector<std::unique_ptr<ClientProcess>>& clients, bool can_spare)
    : cluster_(cluster), workers_(workers), clients_(clients) {
  Random& random = cluster.random;
  // Some runs have few kinds and some have all, so that each kind is met alone and in company.
  const double share = random.Uniform();
  for (const Kind& kind : AllKinds()) {
    const bool fits = can_spare || kind.inject != &Faults::StickWorkerForGood;
    if (fits && random.Chance(share)) kinds_.push_back(&kind);
  }
  interval_ = random.Between(absl::Milliseconds(150), absl::Seconds(4));
  end_ = cluster.timeline.now() + random.Between(absl::Seconds(2), absl::Seconds(20));
}

void Faults::Start() {
  const bool crashes = cluster_.random.Chance(0.4);
  cluster_.coordinator.condition().crash_chance = crashes ? cluster_.random.Uniform() * 0.05 : 0;
  cluster_.timeline.At(end_, [this] { End(); });
  if (!kinds_.empty()) Next();
}

void Faults::Next() {
  cluster_.timeline.After(cluster_.random.Exponential(interval_), [this] {
    if (cluster_.timeline.now() >= end_) return;
    const Kind& kind = *kinds_[cluster_.random.Below(kinds_.size())];
    cluster_.trace.Note("fault: %s", kind.name);
    ++cluster_.counts.faults[kind.name];
    (this->*kind.inject)();
    Next();
  });
}

void Faults::End() {
  cluster_.trace.Note("faults are over");
  CoordinatorProcess::Condition& condition = cluster_.coordinator.condition();
  condition = {};
  cluster_.coordinator.Continue();
  for (const auto& worker : workers_) {
    const bool for_good = worker->condition().stuck_until == absl::InfiniteFuture();
    worker->condition() = {};
    if (for_good) worker->condition().stuck_until = absl::InfiniteFuture();
    worker->Continue();
  }
}

void Faults::Heal() {
  for (const auto& worker : workers_) worker->condition() = {};
}

WorkerProcess& Faults::AnyWorker() { return *workers_[cluster_.random.Below(workers_.size())]; }

absl::Time Faults::Until(absl::Duration mean) {
  return std::min(end_, cluster_.timeline.now() + cluster_.random.Exponential(mean));
}

absl::Duration Faults::Notice() {
  if (cluster_.random.Chance(0.6)) return cluster_.random.Exponential(absl::Milliseconds(5));
  if (cluster_.random.Chance(0.5)) return cluster_.random.Exponential(absl::Seconds(2));
  return absl::InfiniteDuration();
}

// ---- Workers

void Faults::KillWorker() { AnyWorker().Kill(); }

void Faults::LoseMachine() {
  WorkerProcess& worker = AnyWorker();
  // No packet leaves it any more, so nobody is told.
  worker.BreakConnection(absl::InfiniteDuration(), absl::InfiniteDuration());
  worker.Kill();
}

void Faults::StopWorker() { AnyWorker().Stop(); }

void Faults::PauseWorker() {
  WorkerProcess& worker = AnyWorker();
  worker.Pause();
  cluster_.timeline.At(Until(absl::Seconds(2)), [&worker] { worker.Continue(); });
}

void Faults::SlowWorker() {
  WorkerProcess& worker = AnyWorker();
  worker.condition().slowness = 1 + 20 * cluster_.random.Uniform();
  cluster_.timeline.At(Until(absl::Seconds(5)), [&worker] { worker.condition().slowness = 1; });
}

void Faults::StickWorker() {
  absl::Time& until = AnyWorker().condition().stuck_until;
  until = std::max(until, Until(absl::Seconds(6)));
}

void Faults::StickWorkerForGood() {
  // Always the same, so that enough are left.
  workers_.back()->condition().stuck_until = absl::InfiniteFuture();
}

void Faults::BreakWorker() { AnyWorker().condition().broken_until = Until(absl::Seconds(2)); }

// ---- Network

void Faults::BreakConnection() {
  const absl::Duration here = Notice();
  AnyWorker().BreakConnection(here, Notice());
}

void Faults::BlockToCoordinator() { AnyWorker().link().Block(kClient, Until(absl::Seconds(2))); }

void Faults::BlockToWorker() { AnyWorker().link().Block(kServer, Until(absl::Seconds(2))); }

void Faults::BlockBoth() {
  Link& link = AnyWorker().link();
  const absl::Time until = Until(absl::Seconds(2));
  link.Block(kClient, until);
  link.Block(kServer, until);
}

void Faults::BlockPeers() {
  const int a = static_cast<int>(cluster_.random.Below(workers_.size()));
  const int b = static_cast<int>(cluster_.random.Below(workers_.size()));
  cluster_.peers.Block(a, b, Until(absl::Seconds(2)));
}

void Faults::BlockClient() {
  Link& link = clients_[cluster_.random.Below(clients_.size())]->link();
  link.Block(cluster_.random.Chance(0.5) ? kClient : kServer, Until(absl::Seconds(2)));
}

void Faults::DelayLink() {
  AnyWorker().link().SlowDown(cluster_.random.Exponential(absl::Milliseconds(300)),
                              Until(absl::Seconds(3)));
}

// ---- Coordinator

void Faults::KillCoordinator() { cluster_.coordinator.Kill(); }

void Faults::PauseCoordinator() {
  cluster_.coordinator.Pause();
  cluster_.timeline.At(Until(absl::Seconds(1)), [this] { cluster_.coordinator.Continue(); });
}

void Faults::FillDisk() {
  cluster_.coordinator.condition().disk_full_until = Until(absl::Seconds(1));
}

}  // namespace outerloop::simulation
