#include "meta/ops/product_precision.h"

#include "ATen/Context.h"

namespace outerloop::meta {
namespace {

thread_local ProductPrecision current = ProductPrecision::kFloat32;

void Set(ProductPrecision precision) {
  if (precision == current) return;  // What nobody changes, threads may read.
  current = precision;
  const bool rounds = precision != ProductPrecision::kFloat32;
  at::globalContext().setAllowTF32CuBLAS(rounds);
  at::globalContext().setAllowTF32CuDNN(rounds);
}

}  // namespace

ProductPrecisionGuard::ProductPrecisionGuard(ProductPrecision precision) : before_(current) {
  Set(precision);
}

ProductPrecisionGuard::~ProductPrecisionGuard() { Set(before_); }

torch::Tensor Factor(const torch::Tensor& values) {
  if (current != ProductPrecision::kBfloat16) return values;
  return values.to(torch::kBFloat16).to(values.scalar_type());
}

}  // namespace outerloop::meta
