#include "coordinator/core/complete_episode.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/core/complete_fields.h"
#include "coordinator/core/complete_spec.h"
#include "coordinator/core/field_checks.h"
#include "data/drawn_episode.h"
#include "data/evaluated_episode.h"

namespace outerloop::coordinator {
namespace {

constexpr size_t kMaxOrigins = 1000;
constexpr size_t kLongestOrigin = 255;

// `path`_max is at least `path`_min.
absl::Status CheckInterval(const std::string& path, double min, double max) {
  if (min <= max) return absl::OkStatus();
  return Refuse(path + "_max", absl::StrCat(max), absl::StrCat("at least ", path, "_min, ", min));
}

absl::Status CheckIntervals(const std::string& path, const v1::Sinusoid& task) {
  RETURN_IF_ERROR(CheckInterval(path + ".amplitude", task.amplitude_min(), task.amplitude_max()));
  RETURN_IF_ERROR(CheckInterval(path + ".phase", task.phase_min(), task.phase_max()));
  return CheckInterval(path + ".input", task.input_min(), task.input_max());
}

absl::Status CheckIntervals(const std::string& path, const v1::GaussianProcess& task) {
  RETURN_IF_ERROR(
      CheckInterval(path + ".length_scale", task.length_scale_min(), task.length_scale_max()));
  RETURN_IF_ERROR(CheckInterval(path + ".deviation", task.deviation_min(), task.deviation_max()));
  return CheckInterval(path + ".input", task.input_min(), task.input_max());
}

absl::Status CheckIntervals(const std::string&, const v1::Classification&) {
  return absl::OkStatus();
}

template <typename Kind>
absl::Status CompleteKind(const std::string& path, Kind& task) {
  if (!task.has_queries()) task.set_queries(task.shots());
  RETURN_IF_ERROR(CompleteFields(path, task));
  return CheckIntervals(path, task);
}

using Origins = google::protobuf::RepeatedPtrField<std::string>;

absl::Status CheckOrigins(const std::string& path, const Origins& origins) {
  RETURN_IF_ERROR(CheckCount(path, origins.size(), kMaxOrigins));
  for (int i = 0; i < origins.size(); ++i) {
    RETURN_IF_ERROR(CheckLength(absl::StrCat(path, "[", i, "]"), origins[i], 1, kLongestOrigin));
  }
  return absl::OkStatus();
}

absl::Status CheckClassSplit(const v1::ClassSplit& split) {
  const std::string path = "dataset.split";
  RETURN_IF_ERROR(CheckOneof(path, split));
  if (split.has_random()) {
    if (split.random().train() > 0) return absl::OkStatus();
    return Refuse(path + ".random.train", "0", "at least 1 class");
  }
  const v1::OriginSplit& origins = split.by_origin();
  if (origins.train().empty()) return Missing(path + ".by_origin.train", "at least one origin");
  RETURN_IF_ERROR(CheckOrigins(path + ".by_origin.train", origins.train()));
  RETURN_IF_ERROR(CheckOrigins(path + ".by_origin.validation", origins.validation()));
  return CheckOrigins(path + ".by_origin.test", origins.test());
}

}  // namespace

absl::Status CompleteEpisode(v1::JobSpec& spec) {
  RETURN_IF_ERROR(CheckOneof("episode", spec.episode()));
  v1::Episode& episode = *spec.mutable_episode();
  const std::string path = absl::StrCat("episode.", data::KindOf(episode));
  switch (episode.kind_case()) {
    case v1::Episode::kSinusoid:
      return CompleteKind(path, *episode.mutable_sinusoid());
    case v1::Episode::kGaussianProcess:
      return CompleteKind(path, *episode.mutable_gaussian_process());
    default:
      return CompleteKind(path, *episode.mutable_classification());
  }
}

absl::Status CompleteDataset(v1::JobSpec& spec) {
  RETURN_IF_ERROR(CheckName("dataset.name", spec.dataset().name()));
  if (spec.episode().has_classification()) {
    if (!data::IsDrawnDataset(spec.dataset().name())) {
      return CheckClassSplit(spec.dataset().split());
    }
    return Refuse("dataset.name", Quote(spec.dataset().name()),
                  "a data set with classes, such as strokes, for episode.classification");
  }
  const std::string name = data::DrawnDatasetOf(spec.episode());
  if (spec.dataset().name() != name) {
    return Refuse("dataset.name", Quote(spec.dataset().name()),
                  absl::StrCat(name, " for episode.", data::KindOf(spec.episode())));
  }
  if (!spec.dataset().has_split()) return absl::OkStatus();
  return Refuse("dataset.split", "a split",
                absl::StrCat("none for ", name, ", which has no classes"));
}

uint64_t ExamplesPerTask(const v1::Episode& episode) {
  const uint64_t of_way = uint64_t{data::ShotsOf(episode)} + data::QueriesOf(episode);
  return episode.has_classification() ? episode.classification().ways() * of_way : of_way;
}

}  // namespace outerloop::coordinator
