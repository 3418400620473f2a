// N-way K-shot tasks: which classes, and which of their examples.
#ifndef OUTERLOOP_DATA_CLASSIFICATION_SAMPLER_H_
#define OUTERLOOP_DATA_CLASSIFICATION_SAMPLER_H_

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "common/philox.h"
#include "data/dataset_file.h"
#include "data/episode_use.h"
#include "data/task.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::data {

// Whether tasks can be drawn from `classes` of `index`, the classes of split `use.split`.
// INVALID_ARGUMENT with the field's path otherwise: fewer classes than ways (rotations counted), or
// a class with fewer examples than shots + queries.
absl::Status CheckClassification(const v1::Classification& episode, const EpisodeUse& use,
                                 std::span<const uint32_t> classes, const DatasetIndex& index);

// One task from the numbers of `random`, drawn in this order: the ways, then the support examples
// way by way, then the query examples way by way, each without replacement. So classes and support
// set are the same whatever `queries` is. With rotations a way is a class turned by some quarter
// turns; the same class may stand in a task again under another turn.
// CheckClassification of the same arguments must be OK.
ClassificationTask SampleClassification(const v1::Classification& episode, uint32_t queries,
                                        std::span<const uint32_t> classes,
                                        const DatasetIndex& index, RandomStream& random);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_CLASSIFICATION_SAMPLER_H_
