// Tasks per second and thread of the second-order MAML meta-gradient of the four-block
// convolutional network by each back end, beside two yardsticks of the same run: the machine's
// matrix product, and LibTorch's autograd through the inner loop.
//
// A task's nominal work is (support images) x (9 x inner steps + 3) x (one forward pass of one
// image): an inner step is one forward (1), backward (2), tangent forward (2) and tangent backward
// (4); the query set, as large as the support set, is one forward and backward (3). A forward pass
// is the multiplications and additions of its convolutions, padding included: 5.3 MFLOP for a 28 x
// 28 image and 64 filters with strides; 54.7 MFLOP for 84 x 84 x 3 and 32 filters with maxima. The
// first block counts as if its inputs had gradients and tangents, which they have not. `share` is
// nominal work per second over the matrix product's rate.
//
// Then the meta-gradient of Prototypical Networks on the paper's tasks of 60 classes, 1 shot and 5
// queries, 360 images of 28 x 28 in one batch: one forward and backward (3) of each.
//
// Everything runs in one thread, and seconds are that thread's own, so that other work on the
// machine disturbs little (but for what it takes of shared caches and of memory).
#include <algorithm>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>

#include "benchmark/benchmark.h"
#include "meta/algorithms/maml.h"
#include "meta/algorithms/prototypical.h"
#include "meta/cpu/conv4_encoder.h"
#include "meta/cpu/conv4_learner.h"
#include "meta/models/autograd_reference.h"
#include "meta/models/model.h"
#include "worker/allocator.h"

namespace outerloop::meta {
namespace {

struct Workload {
  const char* name;
  int64_t ways;
  int64_t shots;
  int inner_steps;
  int64_t tasks;  // Of a meta-batch.
  double inner_rate = 0.1;
  Conv4Options network = {};  // But for the ways.
  double flop_per_image = 5.3e6;

  Conv4Options options() const {
    Conv4Options options = network;
    options.ways = ways;
    return options;
  }
  int64_t images() const { return ways * shots; }
  double flop_per_task() const {
    return static_cast<double>(images()) * (9 * inner_steps + 3) * flop_per_image;
  }
};

constexpr Workload kWorkloads[] = {
    {.name = "A_5way_1shot_1step", .ways = 5, .shots = 1, .inner_steps = 1, .tasks = 32},
    {.name = "B_20way_1shot_5steps", .ways = 20, .shots = 1, .inner_steps = 5, .tasks = 16},
    {.name = "C_20way_5shot_5steps", .ways = 20, .shots = 5, .inner_steps = 5, .tasks = 4},
    {.name = "D_84x84_maxima_5way_5shot_5steps",
     .ways = 5,
     .shots = 5,
     .inner_steps = 5,
     .tasks = 1,
     .inner_rate = 0.01,
     .network = {.channels = 3, .height = 84, .width = 84, .filters = 32, .pooling = Pooling::kMax},
     .flop_per_image = 54.7e6},
};

TaskShard RandomShard(const Workload& workload, int64_t tasks) {
  torch::manual_seed(1);
  const int64_t images = workload.images();
  const torch::Tensor labels =
      torch::arange(images).remainder(workload.ways).expand({tasks, images});
  const Conv4Options& network = workload.network;
  const auto inputs = [&] {
    return torch::rand({tasks, images, network.channels, network.height, network.width});
  };
  return {inputs(), labels, inputs(), labels};
}

// Of this process, in user and kernel mode.
double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// Multiplications and additions per second of one thread, the best of a few.
double GemmRate() {
  static const double rate = [] {
    const torch::Tensor a = torch::randn({1024, 1024}), b = torch::randn({1024, 1024});
    double best = 0;
    for (int repeat = 0; repeat < 20; ++repeat) {
      const double start = CpuSeconds();
      benchmark::DoNotOptimize(torch::mm(a, b).data_ptr());
      best = std::max(best, 2.0 * 1024 * 1024 * 1024 / (CpuSeconds() - start));
    }
    return best;
  }();
  return rate;
}

// `tasks` are those of an iteration.
void Report(benchmark::State& state, double flop_per_task, int64_t tasks) {
  using benchmark::Counter;
  const double done = static_cast<double>(state.iterations() * tasks);
  state.counters["tasks/s"] = Counter(done, Counter::kIsRate);
  state.counters["share"] = Counter(done * flop_per_task / GemmRate(), Counter::kIsRate);
}

// torch::mm of 1024 x 1024 matrices.
void Gemm(benchmark::State& state) {
  for (auto iteration : state) state.SetIterationTime(2.0 * 1024 * 1024 * 1024 / GemmRate());
  state.counters["GFLOP/s"] = GemmRate() / 1e9;
}

using MakeLearner = std::unique_ptr<const Learner> (*)(const Conv4Options&);

std::unique_ptr<const Learner> MakeCpuLearner(const Conv4Options& options) {
  return cpu::MakeConv4Learner(options, *cpu::BestInstructionSet());
}

// The meta-batch cut into shards of `per_shard` tasks, one after the other.
void MetaGradient(benchmark::State& state, const Workload& workload, MakeLearner make_learner,
                  int64_t per_shard) {
  const auto maml =
      MakeMaml({.inner_steps = workload.inner_steps, .inner_rate = workload.inner_rate},
               make_learner(workload.options()));
  const torch::Tensor parameters = maml->InitialParameters(/*seed=*/1);
  const TaskShard shard = RandomShard(workload, per_shard);
  for (auto iteration : state) {
    for (int64_t done = 0; done < workload.tasks; done += per_shard) {
      benchmark::DoNotOptimize(maml->MetaGradient(parameters, shard).loss);
    }
  }
  Report(state, workload.flop_per_task(), workload.tasks);
}

// The same by differentiating through the inner loop, a task at a time.
void Autograd(benchmark::State& state, const Workload& workload) {
  const auto learner = MakeConv4(workload.options());
  const TaskLoss loss = AutogradConv4Loss(learner->layout(), workload.network.pooling);
  const torch::Tensor parameters = learner->InitialParameters(/*seed=*/1);
  const TaskShard shard = RandomShard(workload, /*tasks=*/1);
  for (auto iteration : state) {
    benchmark::DoNotOptimize(
        AutogradMetaGradient(loss, parameters, shard, workload.inner_steps, workload.inner_rate));
  }
  Report(state, workload.flop_per_task(), /*tasks=*/1);
}

using MakeEncoder = std::unique_ptr<const Encoder> (*)(const Conv4Options&);

std::unique_ptr<const Encoder> MakeCpuEncoder(const Conv4Options& options) {
  return cpu::MakeConv4Encoder(options, *cpu::BestInstructionSet());
}

void PrototypicalMetaGradient(benchmark::State& state, MakeEncoder make_encoder) {
  constexpr int64_t kWays = 60, kQueries = 5, kImages = kWays * (1 + kQueries);
  const auto algorithm = MakePrototypical(EpisodeStatistics::kJoint, make_encoder({}));
  const torch::Tensor parameters = algorithm->InitialParameters(/*seed=*/1);
  torch::manual_seed(1);
  const torch::Tensor labels = torch::arange(kWays).unsqueeze(0);
  const TaskShard shard = {torch::rand({1, kWays, 1, 28, 28}), labels,
                           torch::rand({1, kWays * kQueries, 1, 28, 28}),
                           labels.repeat({1, kQueries}), kWays};
  for (auto iteration : state) {
    benchmark::DoNotOptimize(algorithm->MetaGradient(parameters, shard).loss);
  }
  Report(state, /*flop_per_task=*/kImages * 3 * 5.3e6, /*tasks=*/1);
}

void RegisterPrototypical(const std::string& back_end, MakeEncoder make_encoder) {
  benchmark::RegisterBenchmark(("P_60way_1shot_5queries/" + back_end).c_str(),
                               PrototypicalMetaGradient, make_encoder)
      ->Unit(benchmark::kMillisecond);
}

void RegisterBackEnd(const Workload& workload, const std::string& name, MakeLearner make_learner) {
  for (const int64_t per_shard : {1, 4, 8}) {
    if (per_shard > workload.tasks) continue;
    const std::string shards = "/shards_of_" + std::to_string(per_shard);
    benchmark::RegisterBenchmark((workload.name + ("/" + name) + shards).c_str(), MetaGradient,
                                 workload, make_learner, per_shard)
        ->Unit(benchmark::kMillisecond);
  }
}

void Register() {
  benchmark::RegisterBenchmark("Gemm_1024", Gemm)->UseManualTime();
  for (const Workload& workload : kWorkloads) {
    if (cpu::BestInstructionSet()) RegisterBackEnd(workload, "cpu", MakeCpuLearner);
    RegisterBackEnd(workload, "aten", MakeConv4);
    benchmark::RegisterBenchmark((workload.name + std::string("/autograd")).c_str(), Autograd,
                                 workload)
        ->Unit(benchmark::kMillisecond);
  }
  if (cpu::BestInstructionSet()) RegisterPrototypical("cpu", MakeCpuEncoder);
  RegisterPrototypical("aten", MakeConv4Encoder);
}

}  // namespace
}  // namespace outerloop::meta

int main(int argc, char** argv) {
  outerloop::worker::KeepFreedMemory();  // As the worker does; autograd profits, too.
  at::set_num_threads(1);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  outerloop::meta::Register();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
