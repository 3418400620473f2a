// N-way K-shot tasks: which classes, and which of their examples.
#ifndef OUTERLOOP_DATA_CLASSIFICATION_SAMPLER_H_
#define OUTERLOOP_DATA_CLASSIFICATION_SAMPLER_H_

#include <memory>

#include "data/episode_sampler.h"
#include "outerloop/v1/episode.pb.h"

namespace outerloop::data {

// ClassificationTasks. Drawn in this order: the ways, then the support examples way by way, then
// the query examples way by way, each without replacement. With rotations a way is a class turned
// by some quarter turns; the same class may stand in a task again under another turn.
//
// Check refuses fewer classes than ways (rotations counted), and a class with fewer examples than
// shots + queries.
std::unique_ptr<const EpisodeSampler> MakeClassificationSampler(const v1::Classification& episode,
                                                                const ClassPool& pool);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_CLASSIFICATION_SAMPLER_H_
