// Computes meta-gradients step by step on another program's demand, which can so have several such
// programs take turns on one machine.
//
// usage: meta_gradient_engine --problem FILE [--dataset FILE] [--threads N] [--device D]
//                             [--backend B]
//
// Device and back end are named as a worker's are; without them it is the CPU and the back end that
// a worker takes there. meta_gradient_engine_cuda is the same program, for GPUs.
//
// Says `ready` when the problem (problem.h) is in memory, then does what lines on standard input
// say, and answers each with a line:
//   step COUNT       computes the meta-gradient of all tasks COUNT times; the seconds it took
//   gradients FILE   writes each task's meta-gradient (engine.h); `written`
// Ends with standard input. On an error, says so on standard error and exits with 1.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "benchmarks/peers/engine.h"
#include "benchmarks/peers/problem.h"
#include "common/status_macros.h"
#include "worker/allocator.h"
#include "worker/device.h"
#include "worker/device_name.h"

namespace outerloop::benchmarks {
namespace {

void Answer(const std::string& line) { std::cout << line << std::endl; }

absl::StatusOr<double> SecondsOf(Engine& engine, int64_t count) {
  const auto start = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < count; ++i) RETURN_IF_ERROR(engine.MetaGradient().status());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return seconds.count();
}

absl::Status Obey(Engine& engine, absl::string_view command) {
  if (absl::ConsumePrefix(&command, "gradients ")) {
    RETURN_IF_ERROR(engine.WriteTaskGradients(std::string(command)));
    Answer("written");
    return absl::OkStatus();
  }
  int64_t count = 0;
  if (absl::ConsumePrefix(&command, "step ") && absl::SimpleAtoi(command, &count)) {
    ASSIGN_OR_RETURN(const double seconds, SecondsOf(engine, count));
    Answer(absl::StrFormat("%.9f", seconds));
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown command '", command, "'"));
}

struct Options {
  std::string problem;
  std::string dataset;
  int threads = 1;
  std::string device = "cpu";
  std::string back_end = "auto";
};

absl::Status Serve(const Options& options) {
  ASSIGN_OR_RETURN(const worker::Device device,
                   worker::SelectDevice(options.device, options.back_end));
  ASSIGN_OR_RETURN(Problem problem, ReadProblem(options.problem, options.dataset, device));
  Engine engine(std::move(problem), device, options.threads);
  Answer("ready");
  for (std::string line; std::getline(std::cin, line);) RETURN_IF_ERROR(Obey(engine, line));
  return absl::OkStatus();
}

}  // namespace
}  // namespace outerloop::benchmarks

int main(int argc, char** argv) {
  outerloop::worker::KeepFreedMemory();  // As the worker does.
  CLI::App app("Computes meta-gradients on demand.");
  outerloop::benchmarks::Options options;
  app.add_option("--problem", options.problem, "Safetensors file")->required();
  app.add_option("--dataset", options.dataset, "Data set file with images of the tasks' size");
  app.add_option("--threads", options.threads, "Threads of a CPU")->check(CLI::PositiveNumber);
  app.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")
      ->envname("OUTERLOOP_DEVICE")
      ->check([](const std::string& name) -> std::string {
        return outerloop::worker::IsDeviceName(name) ? "" : "no such device: " + name;
      });
  app.add_option("--backend", options.back_end, "auto, aten, cpu or cuda")
      ->envname("OUTERLOOP_BACKEND");
  CLI11_PARSE(app, argc, argv);
  outerloop::worker::ComputeOnThisThreadAlone();  // The engine has threads of its own.
  const absl::Status status = outerloop::benchmarks::Serve(options);
  if (status.ok()) return 0;
  std::cerr << "meta_gradient_engine: " << status.message() << std::endl;
  return 1;
}
