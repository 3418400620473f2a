// Regression tasks on curves drawn from Gaussian processes (as Garnelo et al. 2018, arXiv
// 1807.01613, section 4.1, with a kernel of its own for every task).
#ifndef OUTERLOOP_DATA_GAUSSIAN_PROCESS_SAMPLER_H_
#define OUTERLOOP_DATA_GAUSSIAN_PROCESS_SAMPLER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "common/philox.h"
#include "data/episode_use.h"
#include "data/gaussian_process.h"
#include "data/task.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::data {

// Whether tasks can be drawn; INVALID_ARGUMENT with the field's path otherwise.
absl::Status CheckGaussianProcess(const v1::GaussianProcess& episode, const EpisodeUse& use);

struct GaussianProcessTask {
  GaussianProcess process;  // What the curve was drawn from.
  RegressionTask task;
};

// One task, from the numbers of `random`, drawn in this order: length scale, deviation, support
// inputs, their normals, query inputs, their normals; so the process and the support set are the
// same whatever `queries` is. Normals are by Box and Muller's method, in double. Observations are
// computed in double from the inputs as they are sent, in float, and then rounded to float.
GaussianProcessTask SampleGaussianProcess(const v1::GaussianProcess& episode, uint32_t queries,
                                          RandomStream& random);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_GAUSSIAN_PROCESS_SAMPLER_H_
