// Regression tasks on curves drawn from Gaussian processes (as Garnelo et al. 2018, arXiv
// 1807.01613, section 4.1, with a kernel of its own for every task).
#ifndef OUTERLOOP_DATA_GAUSSIAN_PROCESS_SAMPLER_H_
#define OUTERLOOP_DATA_GAUSSIAN_PROCESS_SAMPLER_H_

#include <memory>

#include "common/philox.h"
#include "data/episode_sampler.h"
#include "data/gaussian_process.h"
#include "data/task.h"
#include "outerloop/v1/episode.pb.h"

namespace outerloop::data {

struct GaussianProcessTask {
  GaussianProcess process;  // What the curve was drawn from.
  RegressionTask task;
};

// Drawn in this order: length scale, deviation, support inputs, their normals, query inputs, their
// normals. Normals are by Box and Muller's method, in double. Observations are computed in double
// from the inputs as they are sent, in float, and then rounded to float.
GaussianProcessTask SampleGaussianProcess(const v1::GaussianProcess& episode, RandomStream& random);

// Such RegressionTasks.
std::unique_ptr<const EpisodeSampler> MakeGaussianProcessSampler(const v1::GaussianProcess& episode,
                                                                 const ClassPool& pool);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_GAUSSIAN_PROCESS_SAMPLER_H_
