#include "tests/simulation/world.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/core/complete_spec.h"
#include "tests/simulation/client_process.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/coordinator_process.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/worker_process.h"

namespace outerloop::simulation {
namespace {

// Once the faults are over, every job must end within this time.
constexpr absl::Duration kPatience = absl::Seconds(120);
// By then every process is up and every worker connected: longer than a restart of the coordinator
// and the longest wait between connections.
constexpr absl::Duration kRest = absl::Seconds(9);

v1::JobSpec MakeSpec(Random& random, int number, int workers) {
  v1::JobSpec spec;
  spec.set_name(absl::StrCat("job", number));
  spec.mutable_dataset()->set_name("sinusoid");
  spec.mutable_episode()->mutable_sinusoid()->set_shots(1);
  spec.mutable_model()->mutable_mlp()->add_hidden(1);
  spec.mutable_algorithm()->mutable_maml()->set_inner_rate(0.1);
  spec.mutable_meta_optimizer()->mutable_sgd()->set_rate(0.1);
  v1::Training& training = *spec.mutable_training();
  training.set_steps(random.Between(3, 60));
  training.set_tasks_per_step(static_cast<uint32_t>(random.Between(1, 8)));
  training.set_tasks_per_shard(
      static_cast<uint32_t>(random.Between(1, std::min(2u, training.tasks_per_step()))));
  training.set_seed(random.Below(1000));
  spec.mutable_checkpoints()->set_every_steps(random.Below(12));
  spec.mutable_checkpoints()->set_keep_last(static_cast<uint32_t>(random.Below(3)));
  spec.mutable_checkpoints()->set_digest_every_steps(random.Between(1, 5));
  v1::Workers& allowed = *spec.mutable_workers();
  allowed.set_min(static_cast<uint32_t>(random.Between(1, (workers + 1) / 2)));
  if (random.Chance(0.4)) {
    allowed.set_max(static_cast<uint32_t>(random.Between(allowed.min(), workers)));
  }
  if (random.Chance(0.3)) allowed.set_reducer(v1::COORDINATOR);
  if (random.Chance(0.5)) {
    spec.mutable_queue()->set_owner(random.Chance(0.5) ? "anna" : "bob");
    spec.mutable_queue()->set_priority(static_cast<int32_t>(random.Below(3)) - 1);
  }
  if (random.Chance(0.3)) spec.add_evaluations()->set_tasks(random.Between(2, 9));
  return spec;
}

// A job that goes on where another one's checkpoint is, with other tasks.
void Fork(Random& random, const Errand& original, const ClientProcess& source, Errand& errand) {
  errand.spec = original.spec;
  errand.spec.set_name("fork");
  errand.spec.mutable_training()->set_steps(original.spec.training().steps() +
                                            random.Between(1, 20));
  errand.spec.mutable_training()->set_seed(random.Below(1000));
  errand.source = &source;
  errand.hold_step = 0;  // It may begin beyond.
}

Errand MakeErrand(Random& random, int number, int workers) {
  Errand errand;
  errand.spec = MakeSpec(random, number, workers);
  errand.submit_after = random.Exponential(absl::Seconds(1));
  if (random.Chance(0.3)) errand.pause_after = random.Exponential(absl::Seconds(2));
  if (random.Chance(0.3)) errand.priority_after = random.Exponential(absl::Seconds(2));
  errand.priority = static_cast<int32_t>(random.Below(5)) - 2;
  errand.remove = random.Chance(0.3);
  if (random.Chance(0.15)) errand.cancel_after = random.Exponential(absl::Seconds(3));
  // A pause that was refused because the job was cancelled, and comes once more after the resume,
  // would be taken; so nobody asks for both.
  errand.resume = !errand.pause_after && random.Chance(0.6);
  if (random.Chance(0.3)) errand.evaluate_after = random.Exponential(absl::Seconds(3));
  // Nor for a pause and a hold: the release would end the pause.
  const uint64_t steps = errand.spec.training().steps();
  const bool is_held = !errand.pause_after && steps > 1 && random.Chance(0.4);
  if (is_held) errand.hold_step = random.Between(1, steps - 1);
  return errand;
}

// Everything there is in a run. What is used comes before what uses it.
class World {
 public:
  World(uint64_t seed, Mutation mutation, Trace::Sink sink, Counts& counts)
      : random_(seed),
        trace_(timeline_, std::move(sink)),
        referee_(disk_, counts),
        peers_(timeline_, random_.Next(), mutation),
        coordinator_(timeline_, disk_),
        cluster_{timeline_, trace_, random_, counts, referee_, peers_, coordinator_, mutation} {
    coordinator_.Join(cluster_);
    const int workers = static_cast<int>(random_.Between(1, 5));
    const int jobs = static_cast<int>(random_.Between(1, 3));
    const bool gloo = random_.Chance(0.7);
    for (int i = 0; i < workers; ++i) {
      const bool has_gloo = gloo && random_.Chance(0.95);
      workers_.push_back(std::make_unique<WorkerProcess>(cluster_, i, has_gloo));
    }
    int most_needed = 0;
    Errand first;
    for (int i = 0; i < jobs; ++i) {
      Errand errand = MakeErrand(random_, i, workers);
      if (i == 0) first = errand;
      if (i > 0 && random_.Chance(0.3)) Fork(random_, first, *clients_[0], errand);
      most_needed = std::max(most_needed, static_cast<int>(errand.spec.workers().min()));
      clients_.push_back(std::make_unique<ClientProcess>(cluster_, i, std::move(errand)));
    }
    if (random_.Chance(0.3)) {
      coordinator_.SetQuota(static_cast<uint32_t>(random_.Between(most_needed, workers)));
    }
    faults_ = std::make_unique<Faults>(cluster_, workers_, clients_, most_needed < workers);
  }

  // Processes go while all that they know is still there.
  ~World() {
    for (const auto& worker : workers_) worker->Kill();
    coordinator_.Kill();
  }

  void Run() {
    coordinator_.Start();
    for (const auto& worker : workers_) {
      timeline_.After(random_.Exponential(absl::Milliseconds(500)), [&worker] { worker->Start(); });
    }
    for (const auto& client : clients_) client->Start();
    faults_->Start();
    while (timeline_.now() < faults_->end() + kPatience && !Done()) timeline_.Next();
    if (!Done()) trace_.Note("time is up");
    referee_.CheckEnds();
    // Whoever is on the way arrives; nobody has anything to do.
    faults_->Heal();
    const absl::Time rest = timeline_.now() + kRest;
    while (timeline_.now() < rest) timeline_.Next();
    std::vector<std::string> ids;
    for (const auto& worker : workers_) ids.push_back(worker->worker_id());
    referee_.CheckFree(ids, coordinator_.Workers());
    cluster_.counts.activity["events"] += timeline_.happened();
  }

 private:
  bool Done() {
    for (const auto& client : clients_) {
      if (!client->done()) return false;
    }
    return timeline_.now() >= faults_->end() && referee_.AllEnded();
  }

  Timeline timeline_;
  Random random_;
  Trace trace_;
  Disk disk_;
  Referee referee_;
  PeerNetwork peers_;
  CoordinatorProcess coordinator_;
  Cluster cluster_;
  std::vector<std::unique_ptr<WorkerProcess>> workers_;
  std::vector<std::unique_ptr<ClientProcess>> clients_;
  std::unique_ptr<Faults> faults_;
};

}  // namespace

Verdict Simulate(uint64_t seed, Mutation mutation, Trace::Sink sink) {
  Verdict verdict;
  try {
    World world(seed, mutation, std::move(sink), verdict.counts);
    world.Run();
  } catch (const std::exception& violation) {
    verdict.violation = violation.what();
  }
  ++verdict.counts.activity["schedules"];
  return verdict;
}

}  // namespace outerloop::simulation
