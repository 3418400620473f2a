// What the exact Gaussian process predicts of the tasks that a preset is scored on: no model that
// does not know a curve's kernel predicts better. Prints a line for each evaluation.
//
// usage: exact_gaussian_process [PRESET]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "client/job_file.h"
#include "client/presets.h"
#include "coordinator/core/complete_spec.h"
#include "data/episode_sizes.h"
#include "data/gaussian_process_sampler.h"
#include "data/task_sampler.h"

namespace outerloop {
namespace {

template <typename T>
T OrExit(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "exact_gaussian_process: %s\n", value.status().ToString().c_str());
  std::exit(1);
}

v1::JobSpec SpecOf(const std::string& preset) {
  const client::Preset found = OrExit(client::FindPreset(preset));
  return OrExit(
      coordinator::CompleteSpec(OrExit(client::ParseJobSpec(std::string(found.text), preset, {}))));
}

// Of one task of the meta-test split, drawn again with its process.
double LogLikelihood(const v1::JobSpec& spec, const v1::EvaluationSpec& evaluation,
                     const data::TaskSampler& sampler, uint32_t number) {
  RandomStream random(spec.training().seed(), RandomPurpose::kTestTask, /*step=*/0, number);
  const v1::GaussianProcess episode =
      data::EvaluatedEpisode(evaluation, spec.episode()).gaussian_process();
  const auto [process, task] = data::SampleGaussianProcess(episode, random);
  if (data::Task(task) != sampler.SampleEvaluation(evaluation, number)) {
    std::fprintf(stderr, "exact_gaussian_process: not the task that is scored\n");
    std::exit(1);
  }
  return data::PredictiveLogLikelihood(process, task.support_inputs, task.support_targets,
                                       task.query_inputs, task.query_targets);
}

void Print(const v1::JobSpec& spec, const v1::EvaluationSpec& evaluation,
           const data::TaskSampler& sampler) {
  double sum = 0, squares = 0;
  for (uint32_t task = 0; task < evaluation.tasks(); ++task) {
    const double value = LogLikelihood(spec, evaluation, sampler, task);
    sum += value;
    squares += value * value;
  }
  const double tasks = evaluation.tasks(), mean = sum / tasks;
  const double error = std::sqrt((squares / tasks - mean * mean) / (tasks - 1));
  std::printf("%u-shot, %u tasks: log_likelihood %.4f +- %.4f\n", evaluation.shots(),
              evaluation.tasks(), mean, 1.96 * error);
}

void Run(const std::string& preset) {
  const v1::JobSpec spec = SpecOf(preset);
  const auto sampler = OrExit(data::TaskSampler::Create(spec, /*index=*/nullptr));
  for (const v1::EvaluationSpec& evaluation : spec.evaluations()) Print(spec, evaluation, *sampler);
}

}  // namespace
}  // namespace outerloop

int main(int argc, char** argv) {
  outerloop::Run(argc > 1 ? argv[1] : "cnp-gp-curves");
  return 0;
}
