// Which classes of a data set are for meta-training, meta-validation and meta-test.
#ifndef OUTERLOOP_DATA_CLASS_SPLIT_H_
#define OUTERLOOP_DATA_CLASS_SPLIT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "data/dataset_file.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::data {

// Class numbers, disjoint.
struct ClassSplits {
  std::vector<uint32_t> train;
  std::vector<uint32_t> validation;
  std::vector<uint32_t> test;

  // TEST, the default, for any value but TRAIN and VALIDATION.
  const std::vector<uint32_t>& of(v1::Split split) const;
};

// A function of its arguments alone. INVALID_ARGUMENT with the field's path (e.g.
// "dataset.split.random.train"), the value and what is allowed: more classes asked for than there
// are, an unknown origin (with the nearest one), an origin in two lists, a stored split where none
// is, no training class.
absl::StatusOr<ClassSplits> ResolveSplit(const v1::ClassSplit& split, const DatasetIndex& index);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_CLASS_SPLIT_H_
