#include "coordinator/core/complete_episode.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/core/complete_spec.h"
#include "coordinator/core/field_checks.h"
#include "data/episode_kind.h"
#include "data/episode_sizes.h"

namespace outerloop::coordinator {
namespace {

constexpr size_t kMaxOrigins = 1000;
constexpr size_t kLongestOrigin = 255;

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
  if (split.has_stored()) return absl::OkStatus();  // What it holds is the data set's to say.
  const v1::OriginSplit& origins = split.by_origin();
  if (origins.train().empty()) return Missing(path + ".by_origin.train", "at least one origin");
  RETURN_IF_ERROR(CheckOrigins(path + ".by_origin.train", origins.train()));
  RETURN_IF_ERROR(CheckOrigins(path + ".by_origin.validation", origins.validation()));
  return CheckOrigins(path + ".by_origin.test", origins.test());
}

}  // namespace

absl::Status CheckDataset(const v1::JobSpec& spec) {
  RETURN_IF_ERROR(CheckName("dataset.name", spec.dataset().name()));
  const std::string for_episode = " for episode." + data::KindOf(spec.episode());
  const std::string name = data::DrawnDatasetOf(spec.episode());
  if (name.empty() && !data::IsDrawnDataset(spec.dataset().name())) {
    return CheckClassSplit(spec.dataset().split());
  }
  if (spec.dataset().name() != name) {
    return Refuse(
        "dataset.name", Quote(spec.dataset().name()),
        (name.empty() ? "a data set with classes, such as strokes," : name) + for_episode);
  }
  if (!spec.dataset().has_split()) return absl::OkStatus();
  return Refuse("dataset.split", "a split",
                absl::StrCat("none for ", name, ", which has no classes"));
}

uint64_t ExamplesPerTask(const v1::Episode& episode) {
  const uint64_t classes = std::max(data::WaysOf(episode), 1u);
  return classes * (uint64_t{data::MaxShotsOf(episode)} + data::QueriesOf(episode));
}

}  // namespace outerloop::coordinator
