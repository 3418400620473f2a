// How the factors of matrix products and convolutions are rounded before they are multiplied.
#ifndef OUTERLOOP_META_OPS_PRODUCT_PRECISION_H_
#define OUTERLOOP_META_OPS_PRODUCT_PRECISION_H_

#include "torch/torch.h"

namespace outerloop::meta {

// Sums and all other operations are in float32 whatever is chosen.
enum class ProductPrecision {
  kFloat32,  // Not at all.
  // To 11 significant bits, on GPUs of compute capability 8.0 and later. No effect elsewhere.
  kTf32,
  // Layers round their factors to 8 significant bits, on any device; other products are as with
  // kTf32. What is rounded to 8 bits passes through rounding to 11 unchanged, and a product of two
  // such numbers is exact in float32: so LibTorch's convolutions, which give bfloat16 for bfloat16,
  // need not be asked for any.
  kBfloat16,
};

// Rounds so as long as it lives; then as before. The layers' own rounding is set for the calling
// thread. LibTorch's is set for the whole process: threads that compute on GPUs at the same time
// ask for the same precision.
class ProductPrecisionGuard {
 public:
  explicit ProductPrecisionGuard(ProductPrecision precision);
  ~ProductPrecisionGuard();
  ProductPrecisionGuard(const ProductPrecisionGuard&) = delete;
  ProductPrecisionGuard& operator=(const ProductPrecisionGuard&) = delete;

 private:
  const ProductPrecision before_;
};

// `values` as a layer multiplies them, in the type and order of memory that they have: rounded to
// bfloat16, to the nearest even, if the calling thread has asked for that.
torch::Tensor Factor(const torch::Tensor& values);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_PRODUCT_PRECISION_H_
