#include "data/class_split.h"

#include <span>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/philox.h"
#include "common/status_macros.h"
#include "common/suggest.h"
#include "data/distinct_draw.h"

namespace outerloop::data {
namespace {

// INVALID_ARGUMENT unless `wanted` classes are left after those before it took `taken`.
absl::Status CheckSize(absl::string_view field, uint64_t wanted, uint64_t taken, uint64_t classes) {
  if (taken + wanted <= classes) return absl::OkStatus();
  const std::string before =
      taken == 0 ? "" : absl::StrCat(", of which the lists before it take ", taken);
  return absl::InvalidArgumentError(absl::StrCat(
      "dataset.split.random.", field, ": ", wanted, " is more than the ", classes,
      " classes of the data set", before, "; at most ", classes - taken, " are allowed"));
}

absl::Status CheckRandom(const v1::RandomSplit& split, uint64_t classes) {
  if (split.train() == 0) {
    return absl::InvalidArgumentError(
        "dataset.split.random.train: 0 leaves no class to train on; at least 1 is needed");
  }
  const uint64_t train = split.train();
  RETURN_IF_ERROR(CheckSize("train", train, 0, classes));
  RETURN_IF_ERROR(CheckSize("validation", split.validation(), train, classes));
  return CheckSize("test", split.test(), train + split.validation(), classes);
}

std::vector<uint32_t> Deal(uint32_t count, DistinctDraw& draw, RandomStream& random) {
  std::vector<uint32_t> classes(count);
  for (uint32_t& number : classes) number = draw.Next(random);
  return classes;
}

absl::StatusOr<ClassSplits> ResolveRandom(const v1::RandomSplit& split, const DatasetIndex& index) {
  RETURN_IF_ERROR(CheckRandom(split, index.classes.size()));
  RandomStream random(split.seed(), RandomPurpose::kClassSplit, /*step=*/0, /*task=*/0);
  DistinctDraw draw(static_cast<uint32_t>(index.classes.size()));
  ClassSplits splits;
  splits.train = Deal(split.train(), draw, random);
  splits.validation = Deal(split.validation(), draw, random);
  splits.test = Deal(split.test(), draw, random);
  return splits;
}

// The classes of each origin of a data set, and which field has named it.
class Origins {
 public:
  explicit Origins(const DatasetIndex& index) {
    for (uint32_t i = 0; i < index.classes.size(); ++i) {
      const std::string& origin = index.classes[i].origin;
      std::vector<uint32_t>& classes = classes_[origin];
      if (classes.empty()) names_.push_back(origin);
      classes.push_back(i);
    }
  }

  // The classes of the origins that `list`, found at `path`, names.
  template <typename List>
  absl::StatusOr<std::vector<uint32_t>> Take(const List& list, absl::string_view path) {
    std::vector<uint32_t> taken;
    for (int i = 0; i < list.size(); ++i) {
      const std::string field = absl::StrCat(path, "[", i, "]");
      RETURN_IF_ERROR(Claim(list[i], field));
      const std::vector<uint32_t>& classes = classes_[list[i]];
      taken.insert(taken.end(), classes.begin(), classes.end());
    }
    return taken;
  }

 private:
  absl::Status Claim(const std::string& origin, const std::string& field) {
    if (!classes_.contains(origin)) {
      return absl::InvalidArgumentError(absl::StrCat(
          field, ": '", origin, "' is no origin of the data set", SuggestName(origin, names_)));
    }
    const auto [claim, first] = claims_.emplace(origin, field);
    if (first) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(field, ": '", origin, "' stands in ",
                                                   claim->second,
                                                   " already; an origin may stand once only"));
  }

  std::vector<std::string> names_;  // In the order of their first classes.
  absl::flat_hash_map<std::string, std::vector<uint32_t>> classes_;
  absl::flat_hash_map<std::string, std::string> claims_;
};

absl::StatusOr<ClassSplits> ResolveByOrigin(const v1::OriginSplit& split,
                                            const DatasetIndex& index) {
  if (split.train().empty()) {
    return absl::InvalidArgumentError(
        "dataset.split.by_origin.train: empty, which leaves no class to train on; at least one "
        "origin is needed");
  }
  Origins origins(index);
  ClassSplits splits;
  ASSIGN_OR_RETURN(splits.train, origins.Take(split.train(), "dataset.split.by_origin.train"));
  ASSIGN_OR_RETURN(splits.validation,
                   origins.Take(split.validation(), "dataset.split.by_origin.validation"));
  ASSIGN_OR_RETURN(splits.test, origins.Take(split.test(), "dataset.split.by_origin.test"));
  return splits;
}

absl::StatusOr<ClassSplits> ResolveStored(const DatasetIndex& index) {
  if (!index.has_splits()) {
    return absl::InvalidArgumentError(
        "dataset.split.stored: the data set was imported without a split; give `random` or "
        "`by_origin`, or import it again with --split");
  }
  ClassSplits splits;
  for (uint32_t i = 0; i < index.classes.size(); ++i) {
    const v1::Split split = index.classes[i].split;
    auto& classes = split == v1::TRAIN        ? splits.train
                    : split == v1::VALIDATION ? splits.validation
                                              : splits.test;
    classes.push_back(i);
  }
  if (!splits.train.empty()) return splits;
  return absl::InvalidArgumentError(
      "dataset.split.stored: the data set's split has no class to train on; give `random` or "
      "`by_origin`");
}

}  // namespace

const std::vector<uint32_t>& ClassSplits::of(v1::Split split) const {
  switch (split) {
    case v1::TRAIN:
      return train;
    case v1::VALIDATION:
      return validation;
    default:
      return test;
  }
}

absl::StatusOr<ClassSplits> ResolveSplit(const v1::ClassSplit& split, const DatasetIndex& index) {
  switch (split.kind_case()) {
    case v1::ClassSplit::kRandom:
      return ResolveRandom(split.random(), index);
    case v1::ClassSplit::kByOrigin:
      return ResolveByOrigin(split.by_origin(), index);
    case v1::ClassSplit::kStored:
      return ResolveStored(index);
    case v1::ClassSplit::KIND_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError(
      "dataset.split: missing; a data set with classes needs `random`, `by_origin` or `stored`");
}

}  // namespace outerloop::data
