// What networks that predict values are trained by.
#ifndef OUTERLOOP_META_MODELS_REGRESSION_H_
#define OUTERLOOP_META_MODELS_REGRESSION_H_

#include <cstdint>
#include <memory>

#include "meta/ops/loss.h"

namespace outerloop::meta {

enum class RegressionLoss {
  kMeanSquaredError,    // mean_squared_error.h.
  kGaussianLikelihood,  // gaussian_likelihood.h: with a standard deviation for each value.
};

std::unique_ptr<const Loss> MakeLoss(RegressionLoss loss);

// How many numbers the network gives for `values` values.
int64_t OutputsOf(RegressionLoss loss, int64_t values);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_REGRESSION_H_
