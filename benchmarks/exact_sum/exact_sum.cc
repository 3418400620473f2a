// What exactness costs: training with 64-bit fixed-point sums against training with float sums, all
// else equal, on four ranks of this machine, each a thread with one thread of inner loops, in a
// ring of Gloo's over the loopback interface.
//
// The two take turns in one run, a block of steps each, in an order that changes; a ratio is taken
// of every two neighbouring blocks. Both begin with the same parameters, and in the end their
// losses must agree as far as rounding lets them.
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "benchmarks/exact_sum/training_rank.h"
#include "common/atomic_file.h"
#include "common/mapped_file.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "common/test_folder.h"
#include "data/dataset_file.h"
#include "google/protobuf/text_format.h"
#include "worker/allocator.h"
#include "worker/device.h"
#include "worker/testing/specifications.h"

namespace outerloop::benchmarks {
namespace {

constexpr uint32_t kRanks = 4;

// A job that is complete but for its model and the length of the inner loop.
constexpr char kJob[] = R"pb(
  name: "exact-sum"
  dataset {
    name: "noise"
    split { random { seed: 0 train: 40 validation: 0 test: 0 } }
  }
  meta_optimizer { adam { rate: 0.001 beta1: 0.9 beta2: 0.999 epsilon: 1e-8 } }
  training { steps: 1000000 tasks_per_step: 32 tasks_per_shard: 4 seed: 0 fixed_point_bits: 40 }
)pb";

struct Workload {
  const char* name;
  const char* part;  // Of the specification.
  int steps_a_block;
};

constexpr Workload kWorkloads[] = {
    {"conv4, 112 thousand parameters, 5-way 1-shot, 1 inner step", R"pb(
       episode { classification { ways: 5 shots: 1 queries: 1 } }
       model { conv4 { filters: 64 } }
       algorithm { maml { inner_steps: 1 inner_rate: 0.4 order: SECOND } }
     )pb",
     3},
    {"MLP, 10 million parameters, 5-way 1-shot, 1 inner step", R"pb(
       episode { classification { ways: 5 shots: 1 queries: 1 } }
       model { mlp { hidden: 2048 hidden: 2048 hidden: 2048 } }
       algorithm { maml { inner_steps: 1 inner_rate: 0.01 order: SECOND } }
     )pb",
     1},
    {"MLP, 10 million parameters, 20-way 1-shot, 5 inner steps", R"pb(
       episode { classification { ways: 20 shots: 1 queries: 1 } }
       model { mlp { hidden: 2048 hidden: 2048 hidden: 2048 } }
       algorithm { maml { inner_steps: 5 inner_rate: 0.01 order: SECOND } }
     )pb",
     1},
};

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << "exact_sum_benchmark: " << what << std::endl;
  std::exit(1);
}

v1::JobSpec SpecOf(const Workload& workload) {
  v1::JobSpec spec;
  v1::JobSpec part;
  if (!google::protobuf::TextFormat::ParseFromString(kJob, &spec) ||
      !google::protobuf::TextFormat::ParseFromString(workload.part, &part)) {
    Fail("a specification does not parse");
  }
  spec.MergeFrom(part);
  return spec;
}

// A data set file of 40 classes of 4 images of 28 x 28 random pixels.
std::string NoiseDataset() {
  std::mt19937 random(0);
  data::DatasetBuilder builder(/*channels=*/1, /*height=*/28, /*width=*/28);
  for (int label = 0; label < 40; ++label) {
    builder.AddClass("class" + std::to_string(label), "noise");
    for (int example = 0; example < 4; ++example) {
      std::vector<uint8_t> pixels(28 * 28);
      for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(random());
      builder.AddImage(pixels);
    }
  }
  std::string bytes;
  const absl::Status status = builder.Write("random", [&bytes](std::string_view piece) {
    bytes.append(piece);
    return absl::OkStatus();
  });
  if (!status.ok()) Fail(status.ToString());
  return bytes;
}

std::shared_ptr<const worker::Experiment> MakeExperiment(const v1::JobSpec& spec,
                                                         const std::string& dataset,
                                                         const worker::Device& device) {
  const TestFolder folder;
  const std::string path = folder / "dataset";
  if (const absl::Status status = WriteFileAtomically(path, dataset); !status.ok()) {
    Fail(status.ToString());
  }
  auto file = MappedFile::Open(path);
  if (!file.ok()) Fail(file.status().ToString());
  auto experiment =
      worker::Experiment::Create(spec, Sha256Hex(dataset), *std::move(file), device.back_end);
  if (!experiment.ok()) Fail(experiment.status().ToString());
  return *std::move(experiment);
}

using Ranks = std::vector<std::unique_ptr<TrainingRank>>;
using Step = absl::Status (TrainingRank::*)(StepTimes&);

// Runs `body` on every rank at the same time.
void ForEach(const Ranks& ranks, const std::function<absl::Status(TrainingRank&)>& body) {
  std::vector<std::thread> threads;
  for (const auto& rank : ranks) {
    threads.emplace_back([&body, &rank] {
      if (const absl::Status status = body(*rank); !status.ok()) Fail(status.ToString());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

Ranks MakeRanks(const v1::JobSpec& spec, const std::string& dataset, const worker::Device& device) {
  const auto experiment = MakeExperiment(spec, dataset, device);
  const std::vector<v1::Shard> shards = worker::ShardsOfStep(spec, dataset, /*step=*/1);
  Ranks ranks;
  std::vector<std::string> endpoints;
  for (uint32_t rank = 0; rank < kRanks; ++rank) {
    std::vector<worker::Shard> mine;
    for (size_t i = rank; i < shards.size(); i += kRanks)
      mine.push_back(worker::FromProto(shards[i]));
    auto ring = worker::GlooRing::Create("127.0.0.1", rank, kRanks);
    if (!ring.ok()) Fail(ring.status().ToString());
    ranks.push_back(
        std::make_unique<TrainingRank>(experiment, device, std::move(mine), *std::move(ring)));
    endpoints.push_back(ranks.back()->endpoint());
  }
  ForEach(ranks, [&endpoints](TrainingRank& rank) { return rank.Connect(endpoints); });
  return ranks;
}

// What a step of a block takes.
struct Block {
  StepTimes times;     // Means over ranks and steps.
  absl::Duration cpu;  // Of all threads of all ranks: what counts where other programs run, too.
};

absl::Duration CpuTime() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

Block RunBlock(const Ranks& ranks, Step step, int steps) {
  absl::Mutex mu;
  StepTimes sum;
  const absl::Duration cpu_before = CpuTime();
  ForEach(ranks, [&](TrainingRank& rank) -> absl::Status {
    StepTimes times;
    for (int i = 0; i < steps; ++i) RETURN_IF_ERROR((rank.*step)(times));
    absl::MutexLock lock(&mu);
    sum += times;
    return absl::OkStatus();
  });
  return {.times = sum / (static_cast<double>(ranks.size()) * steps),
          .cpu = (CpuTime() - cpu_before) / steps};
}

// The value below which a fraction `q` of `values` lies.
double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(q * static_cast<double>(values.size() - 1) + 0.5)];
}

using Part = std::function<absl::Duration(const Block&)>;
const Part kWall = [](const Block& block) { return block.times.total(); };
const Part kCpu = [](const Block& block) { return block.cpu; };

// Medians over all blocks of one kind.
void PrintTimes(const char* kind, const std::vector<Block>& blocks) {
  const auto median = [&](const Part& part) {
    std::vector<double> values;
    for (const Block& block : blocks) values.push_back(absl::ToDoubleMilliseconds(part(block)));
    return Quantile(std::move(values), 0.5);
  };
  absl::PrintF("  %-6s %9.1f ms a step (adapt %.1f, reduce %.1f, update %.1f), %.1f ms of CPU\n",
               kind, median(kWall), median([](const Block& block) { return block.times.adapt; }),
               median([](const Block& block) { return block.times.reduce; }),
               median([](const Block& block) { return block.times.update; }), median(kCpu));
}

// Of the exact steps as a fraction of the float ones', pair by pair.
void PrintThroughput(const char* what, const Part& part, const std::vector<Block>& exact,
                     const std::vector<Block>& plain) {
  std::vector<double> ratios;
  for (size_t i = 0; i < exact.size(); ++i) {
    ratios.push_back(absl::FDivDuration(part(plain[i]), part(exact[i])));
  }
  absl::PrintF("  throughput by %s, exact / float: %.3f (quartiles %.3f to %.3f, %d pairs)\n", what,
               Quantile(ratios, 0.5), Quantile(ratios, 0.25), Quantile(ratios, 0.75),
               ratios.size());
}

// The mean difference between the parameters that the two have trained.
double MeanDifference(const TrainingRank& rank) {
  const std::vector<float>& exact = rank.exact_state().parameters;
  const std::vector<float>& plain = rank.float_state().parameters;
  double sum = 0;
  for (size_t i = 0; i < exact.size(); ++i) sum += std::abs(exact[i] - plain[i]);
  return sum / static_cast<double>(exact.size());
}

void Measure(const Workload& workload, const worker::Device& device, int pairs) {
  const v1::JobSpec spec = SpecOf(workload);
  const Ranks ranks = MakeRanks(spec, NoiseDataset(), device);
  const auto run = [&](Step step) { return RunBlock(ranks, step, workload.steps_a_block); };
  run(&TrainingRank::TakeExactStep);
  run(&TrainingRank::TakeFloatStep);
  absl::PrintF("%s (%d parameters, after the first steps %.1e apart on average)\n", workload.name,
               ranks[0]->exact_state().parameters.size(), MeanDifference(*ranks[0]));

  std::vector<Block> exact, plain;
  for (int pair = 0; pair < pairs; ++pair) {
    if (pair % 2 == 0) exact.push_back(run(&TrainingRank::TakeExactStep));
    plain.push_back(run(&TrainingRank::TakeFloatStep));
    if (pair % 2 != 0) exact.push_back(run(&TrainingRank::TakeExactStep));
  }
  PrintTimes("float", plain);
  PrintTimes("exact", exact);
  PrintThroughput("the clock", kWall, exact, plain);
  PrintThroughput("CPU time", kCpu, exact, plain);
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  CLI::App app("Training throughput with exact sums against float sums.");
  int pairs = 15;
  std::string only;
  app.add_option("--pairs", pairs, "Pairs of blocks of each workload")->check(CLI::Range(1, 1000));
  app.add_option("--only", only, "Workloads whose name holds this text");
  CLI11_PARSE(app, argc, argv);
  worker::KeepFreedMemory();
  worker::ComputeOnThisThreadAlone();
  const auto device = worker::SelectDevice("cpu");
  if (!device.ok()) Fail(device.status().ToString());
  for (const Workload& workload : kWorkloads) {
    if (std::string(workload.name).find(only) != std::string::npos) {
      Measure(workload, *device, pairs);
    }
  }
  return 0;
}

}  // namespace
}  // namespace outerloop::benchmarks

int main(int argc, char** argv) { return outerloop::benchmarks::Main(argc, argv); }
