// Which class is for what, as a person says it at import.
#ifndef OUTERLOOP_DATA_SPLIT_FILE_H_
#define OUTERLOOP_DATA_SPLIT_FILE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "data/dataset_file.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::data {

// By class name.
using SplitAssignment = std::map<std::string, v1::Split>;

// A split file: JSON if it begins with '{', {"CLASS": "train", ..} or {"train": ["CLASS", ..], ..};
// otherwise CSV, a line "CLASS,SPLIT" for each class, after a line "class,split" if it is there; a
// class in double quotes is taken out of them. A split is train, validation (or val) or test. Names
// are normalised (class_name.h). INVALID_ARGUMENT, naming the line or class, if it is anything else
// or a class stands twice.
absl::StatusOr<SplitAssignment> ParseSplits(std::string_view content);

// Shares of the classes, each in [0, 1], with a sum of 1.
struct SplitFractions {
  double train = 0;
  double validation = 0;
  double test = 0;
};

// Classes dealt by `seed` as a job's `split.random` deals them, with the fractions rounded to whole
// classes (test gets the rest). INVALID_ARGUMENT if the fractions are not as above, or give no
// class to train on.
absl::StatusOr<SplitAssignment> DealSplits(const DatasetIndex& index,
                                           const SplitFractions& fractions, uint64_t seed);

// Gives each class of `index` its split. INVALID_ARGUMENT if `splits` names a class that is not
// there (with the nearest one), or leaves one out.
absl::Status AssignSplits(const SplitAssignment& splits, DatasetIndex& index);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_SPLIT_FILE_H_
