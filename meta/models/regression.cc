#include "meta/models/regression.h"

#include "meta/ops/gaussian_likelihood.h"
#include "meta/ops/mean_squared_error.h"

namespace outerloop::meta {

std::unique_ptr<const Loss> MakeLoss(RegressionLoss loss) {
  return loss == RegressionLoss::kGaussianLikelihood ? MakeGaussianLikelihood()
                                                     : MakeMeanSquaredError();
}

int64_t OutputsOf(RegressionLoss loss, int64_t values) {
  return loss == RegressionLoss::kGaussianLikelihood ? 2 * values : values;
}

}  // namespace outerloop::meta
