// Gaussian processes, exactly (Rasmussen & Williams 2006, "Gaussian processes for machine
// learning").
#ifndef OUTERLOOP_DATA_GAUSSIAN_PROCESS_H_
#define OUTERLOOP_DATA_GAUSSIAN_PROCESS_H_

#include <vector>

namespace outerloop::data {

// Zero mean; the squared exponential covariance s^2 exp(-(x - x')^2 / (2 l^2)) (equation 2.31), and
// independent noise in every observation. A value.
struct GaussianProcess {
  double length_scale = 1;  // l, > 0.
  double deviation = 1;     // s, > 0.
  double noise = 0.1;       // Standard deviation, > 0.
};

// Observations at `inputs`: L z, where L L^T is their covariance and `normals` is z (appendix A.2).
// The first n depend on the first n inputs and normals only. Takes time in n^3.
std::vector<double> Observe(const GaussianProcess& process, const std::vector<float>& inputs,
                            const std::vector<double>& normals);

// The mean over the queries of log p(y | x, support set), each query by itself: the predictive
// distribution is normal (equations 2.25 and 2.26, with the noise of the observation).
double PredictiveLogLikelihood(const GaussianProcess& process,
                               const std::vector<float>& support_inputs,
                               const std::vector<float>& support_targets,
                               const std::vector<float>& query_inputs,
                               const std::vector<float>& query_targets);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_GAUSSIAN_PROCESS_H_
