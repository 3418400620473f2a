// Regression tasks on the pixels of images (Garnelo et al. 2018, arXiv 1807.01613, section 4.2).
#ifndef OUTERLOOP_DATA_IMAGE_COMPLETION_SAMPLER_H_
#define OUTERLOOP_DATA_IMAGE_COMPLETION_SAMPLER_H_

#include <memory>

#include "data/episode_sampler.h"
#include "outerloop/v1/episode.pb.h"

namespace outerloop::data {

// ImageCompletionTasks. Drawn in this order: the image, uniformly over all images of the pool's
// classes; with rotations its quarter turns; then the support pixels and the query pixels, all
// without replacement.
//
// Check refuses more support and query pixels than an image has, and rotations of images that are
// not square.
std::unique_ptr<const EpisodeSampler> MakeImageCompletionSampler(const v1::ImageCompletion& episode,
                                                                 const ClassPool& pool);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_IMAGE_COMPLETION_SAMPLER_H_
