#include "data/sinusoid_sampler.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "data/curve_points.h"

namespace outerloop::data {
namespace {

constexpr absl::string_view kPath = "episode.sinusoid.";

absl::Status CheckBound(absl::string_view field, double value) {
  if (std::abs(value) <= kMaxBound) return absl::OkStatus();  // False for NaN too.
  return absl::InvalidArgumentError(absl::StrCat(
      kPath, field, ": ", value, " is out of range; allowed is ", -kMaxBound, " to ", kMaxBound));
}

absl::Status CheckRange(absl::string_view name, double min, double max) {
  RETURN_IF_ERROR(CheckBound(absl::StrCat(name, "_min"), min));
  RETURN_IF_ERROR(CheckBound(absl::StrCat(name, "_max"), max));
  if (min <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(kPath, name, "_max: ", max, " is less than ",
                                                 kPath, name, "_min, which is ", min));
}

std::vector<float> Targets(const std::vector<float>& inputs, double amplitude, double phase) {
  std::vector<float> targets;
  targets.reserve(inputs.size());
  for (const float input : inputs) {
    targets.push_back(static_cast<float>(amplitude * std::sin(double{input} - phase)));
  }
  return targets;
}

}  // namespace

absl::Status CheckSinusoid(const v1::Sinusoid& episode, const EpisodeUse& use) {
  RETURN_IF_ERROR(CheckPoints(absl::StrCat(kPath, "shots"), episode.shots(), kMaxPoints, use));
  RETURN_IF_ERROR(CheckPoints(use.queries_path, use.queries, kMaxPoints, use));
  RETURN_IF_ERROR(CheckRange("amplitude", episode.amplitude_min(), episode.amplitude_max()));
  RETURN_IF_ERROR(CheckRange("phase", episode.phase_min(), episode.phase_max()));
  return CheckRange("input", episode.input_min(), episode.input_max());
}

RegressionTask SampleSinusoid(const v1::Sinusoid& episode, uint32_t queries, RandomStream& random) {
  const double amplitude = random.Uniform(episode.amplitude_min(), episode.amplitude_max());
  const double phase = random.Uniform(episode.phase_min(), episode.phase_max());
  RegressionTask task;
  const auto draw = [&](uint32_t count) {
    return DrawInputs(count, episode.input_min(), episode.input_max(), random);
  };
  task.support_inputs = draw(episode.shots());
  task.query_inputs = draw(queries);
  task.support_targets = Targets(task.support_inputs, amplitude, phase);
  task.query_targets = Targets(task.query_inputs, amplitude, phase);
  return task;
}

}  // namespace outerloop::data
