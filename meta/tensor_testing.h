// How tests compare tensors.
#ifndef OUTERLOOP_META_TENSOR_TESTING_H_
#define OUTERLOOP_META_TENSOR_TESTING_H_

#include "torch/torch.h"

namespace outerloop::meta {

// The distance of `actual` from `expected`, relative to the length of `expected`.
inline double RelativeError(const torch::Tensor& actual, const torch::Tensor& expected) {
  return ((actual - expected).norm() / expected.norm()).item<double>();
}

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_TENSOR_TESTING_H_
