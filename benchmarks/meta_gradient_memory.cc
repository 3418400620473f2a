// How much memory a meta-gradient takes, by the number of inner steps: 20-way 1-shot, one task,
// with each step's activations kept and with them computed again.
//
// Every line is a process of its own, forked before it has computed anything but a warm-up of one
// step, and states the peak of its resident memory above where it began.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <limits>
#include <string>

#include "meta/algorithms/maml.h"
#include "meta/cpu/conv4_learner.h"

namespace outerloop::meta {
namespace {

constexpr int64_t kWays = 20;

// A line of /proc/self/status, such as "VmHWM", in bytes.
int64_t StatusBytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  std::string word;
  int64_t kilobytes = 0;
  while (status >> word) {
    if (word == name + ":") status >> kilobytes;
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return kilobytes << 10;
}

TaskShard RandomTask() {
  torch::manual_seed(1);
  const auto images = [] { return torch::rand({1, kWays, 1, 28, 28}); };
  const torch::Tensor labels = torch::arange(kWays).unsqueeze(0);
  return {images(), labels, images(), labels};
}

void Run(const std::shared_ptr<const Learner>& learner, int inner_steps, bool recompute) {
  const auto maml =
      MakeMaml({.inner_steps = inner_steps, .inner_rate = 0.1, .recompute = recompute}, learner);
  const double loss = maml->MetaGradient(learner->InitialParameters(/*seed=*/1), RandomTask()).loss;
  if (!(loss > 0)) std::abort();
}

// In a process of its own.
void Measure(const std::shared_ptr<const Learner>& learner, int inner_steps, bool recompute) {
  const pid_t child = fork();
  if (child != 0) {
    waitpid(child, nullptr, 0);
    return;
  }
  const int64_t before = StatusBytes("VmRSS");
  Run(learner, inner_steps, recompute);
  std::printf("%-10s %5d %12.2f\n", recompute ? "recomputed" : "kept", inner_steps,
              static_cast<double>(StatusBytes("VmHWM") - before) / 1e6);
  std::fflush(stdout);
  _exit(0);
}

int Main() {
  if (!cpu::BestInstructionSet()) {
    std::printf("no kernels for this CPU\n");
    return 0;
  }
  at::set_num_threads(1);
  const std::shared_ptr<const Learner> learner =
      cpu::MakeConv4Learner({.ways = kWays}, *cpu::BestInstructionSet());
  Run(learner, /*inner_steps=*/1, /*recompute=*/false);  // Loads what is loaded once.
  std::printf("steps are  steps   peak in MB\n");
  std::fflush(stdout);
  for (const bool recompute : {false, true}) {
    for (const int steps : {1, 5, 10, 20}) Measure(learner, steps, recompute);
  }
  return 0;
}

}  // namespace
}  // namespace outerloop::meta

int main() { return outerloop::meta::Main(); }
