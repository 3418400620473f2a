#include "data/gaussian_process_sampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "data/curve_points.h"

namespace outerloop::data {
namespace {

// Support or query points of one task, at most: a draw takes time in the cube of their number.
constexpr uint32_t kMaxCurvePoints = 256;
// The least noise, as a share of the largest deviation: keeps covariances positive definite in
// double where inputs coincide.
constexpr double kLeastNoise = 1e-4;
constexpr absl::string_view kPath = "episode.gaussian_process.";

absl::Status CheckRange(absl::string_view name, double min, double max) {
  if (std::isfinite(min) && std::isfinite(max) && min <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(kPath, name, "_max: ", max,
                                                 " is out of range; at least ", kPath, name,
                                                 "_min, ", min, ", and finite, is allowed"));
}

absl::Status CheckPositive(absl::string_view field, double value) {
  if (value > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(kPath, field, ": ", value, " is out of range; above 0 is allowed"));
}

absl::Status CheckNoise(const v1::GaussianProcess& episode) {
  const double least = kLeastNoise * episode.deviation_max();
  if (episode.noise() >= least) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(kPath, "noise: ", episode.noise(),
                                                 " is out of range; at least ", kLeastNoise, " of ",
                                                 kPath, "deviation_max, ", least, ", is allowed"));
}

double Normal(RandomStream& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.Uniform()));
  return radius * std::cos(2 * std::numbers::pi * random.Uniform());
}

// Appends `count` inputs and their normals.
void DrawPoints(const v1::GaussianProcess& episode, uint32_t count, RandomStream& random,
                std::vector<float>& inputs, std::vector<double>& normals) {
  const std::vector<float> drawn =
      DrawInputs(count, episode.input_min(), episode.input_max(), random);
  inputs.insert(inputs.end(), drawn.begin(), drawn.end());
  for (uint32_t i = 0; i < count; ++i) normals.push_back(Normal(random));
}

absl::Status CheckRanges(const v1::GaussianProcess& episode) {
  RETURN_IF_ERROR(CheckPositive("length_scale_min", episode.length_scale_min()));
  RETURN_IF_ERROR(CheckPositive("deviation_min", episode.deviation_min()));
  RETURN_IF_ERROR(
      CheckRange("length_scale", episode.length_scale_min(), episode.length_scale_max()));
  RETURN_IF_ERROR(CheckRange("deviation", episode.deviation_min(), episode.deviation_max()));
  RETURN_IF_ERROR(CheckNoise(episode));
  return CheckRange("input", episode.input_min(), episode.input_max());
}

class GaussianProcessSampler final : public EpisodeSampler {
 public:
  explicit GaussianProcessSampler(const v1::GaussianProcess& episode) : episode_(episode) {}

  absl::Status Check(const EpisodeUse& use) const override {
    RETURN_IF_ERROR(
        CheckPoints(absl::StrCat(kPath, "shots"), episode_.shots(), kMaxCurvePoints, use));
    RETURN_IF_ERROR(CheckPoints(absl::StrCat(kPath, "max_shots"),
                                std::max(episode_.shots(), episode_.max_shots()), kMaxCurvePoints,
                                use));
    RETURN_IF_ERROR(CheckPoints(use.queries_path, episode_.queries(), kMaxCurvePoints, use));
    return CheckRanges(episode_);
  }

  Task Draw(RandomStream& random) const override {
    return SampleGaussianProcess(episode_, random).task;
  }

 private:
  const v1::GaussianProcess episode_;
};

}  // namespace

GaussianProcessTask SampleGaussianProcess(const v1::GaussianProcess& episode,
                                          RandomStream& random) {
  GaussianProcess process;
  process.length_scale = random.Uniform(episode.length_scale_min(), episode.length_scale_max());
  process.deviation = random.Uniform(episode.deviation_min(), episode.deviation_max());
  process.noise = episode.noise();
  std::vector<float> inputs;
  std::vector<double> normals;
  DrawPoints(episode, episode.shots(), random, inputs, normals);
  DrawPoints(episode, episode.queries(), random, inputs, normals);
  const std::vector<double> y = Observe(process, inputs, normals);
  const auto shots = static_cast<std::ptrdiff_t>(episode.shots());
  return {process,
          {.support_inputs = {inputs.begin(), inputs.begin() + shots},
           .support_targets = {y.begin(), y.begin() + shots},
           .query_inputs = {inputs.begin() + shots, inputs.end()},
           .query_targets = {y.begin() + shots, y.end()}}};
}

std::unique_ptr<const EpisodeSampler> MakeGaussianProcessSampler(const v1::GaussianProcess& episode,
                                                                 const ClassPool&) {
  return std::make_unique<GaussianProcessSampler>(episode);
}

}  // namespace outerloop::data
