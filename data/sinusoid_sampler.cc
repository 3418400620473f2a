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

class SinusoidSampler final : public EpisodeSampler {
 public:
  explicit SinusoidSampler(const v1::Sinusoid& episode) : episode_(episode) {}

  absl::Status Check(const EpisodeUse& use) const override {
    RETURN_IF_ERROR(CheckPoints(absl::StrCat(kPath, "shots"), episode_.shots(), kMaxPoints, use));
    RETURN_IF_ERROR(CheckPoints(use.queries_path, episode_.queries(), kMaxPoints, use));
    RETURN_IF_ERROR(CheckRange("amplitude", episode_.amplitude_min(), episode_.amplitude_max()));
    RETURN_IF_ERROR(CheckRange("phase", episode_.phase_min(), episode_.phase_max()));
    return CheckRange("input", episode_.input_min(), episode_.input_max());
  }

  Task Draw(RandomStream& random) const override {
    const double amplitude = random.Uniform(episode_.amplitude_min(), episode_.amplitude_max());
    const double phase = random.Uniform(episode_.phase_min(), episode_.phase_max());
    RegressionTask task;
    const auto draw = [&](uint32_t count) {
      return DrawInputs(count, episode_.input_min(), episode_.input_max(), random);
    };
    task.support_inputs = draw(episode_.shots());
    task.query_inputs = draw(episode_.queries());
    task.support_targets = Targets(task.support_inputs, amplitude, phase);
    task.query_targets = Targets(task.query_inputs, amplitude, phase);
    return task;
  }

 private:
  const v1::Sinusoid episode_;
};

}  // namespace

std::unique_ptr<const EpisodeSampler> MakeSinusoidSampler(const v1::Sinusoid& episode,
                                                          const ClassPool&) {
  return std::make_unique<SinusoidSampler>(episode);
}

}  // namespace outerloop::data
