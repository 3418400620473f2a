// Rounded products, on a GPU.
#include "gtest/gtest.h"
#include "meta/ops/conv2d.h"
#include "meta/ops/layer_testing.h"
#include "meta/ops/linear.h"
#include "meta/ops/product_precision.h"
#include "meta/tensor_testing.h"

namespace outerloop::meta {
namespace {

torch::Tensor Outputs(const Layer& layer, const LayerPoint& point, ProductPrecision precision) {
  const ProductPrecisionGuard guard(precision);
  Layer::Record record;
  const auto on_gpu = [](const torch::Tensor& t) { return t.to(torch::kCUDA, torch::kFloat); };
  return layer.Forward({on_gpu(point.parameters[0])}, on_gpu(point.inputs), record).cpu();
}

// Errors of inputs rounded to 24, 11 and 8 significant bits; sums over hundreds of products.
void ExpectPrecisions(const Layer& layer, const std::vector<int64_t>& sizes) {
  const LayerPoint point = RandomPoint(layer, sizes);
  const torch::Tensor exact = OutputsAt(layer, point);
  const auto error = [&](ProductPrecision precision) {
    return RelativeError(Outputs(layer, point, precision).to(torch::kDouble), exact);
  };
  EXPECT_LT(error(ProductPrecision::kFloat32), 2e-6);
  const double tf32 = error(ProductPrecision::kTf32), bfloat16 = error(ProductPrecision::kBfloat16);
  EXPECT_GT(tf32, 2e-5);
  EXPECT_LT(tf32, 1e-3);
  EXPECT_GT(bfloat16, 1e-3);
  EXPECT_LT(bfloat16, 1e-2);
  EXPECT_LT(error(ProductPrecision::kFloat32), 2e-6);
}

TEST(PrecisionOnGpuTest, RoundsConvolutions) {
  ExpectPrecisions(*MakeConv2d({.channels = 64, .filters = 64, .kernel = 3, .padding = 1}),
                   {4, 5, 64, 14, 14});
}

TEST(PrecisionOnGpuTest, RoundsLinearMaps) {
  ExpectPrecisions(*MakeLinear({.inputs = 256, .outputs = 64, .bias = false}), {4, 32, 256});
}

// The products are exact and their sums in float32: on a CPU they are the same but for rounding.
TEST(PrecisionOnGpuTest, RoundsFactorsToBfloat16AsACpuDoes) {
  const auto layer = MakeConv2d({.channels = 64, .filters = 64, .kernel = 3, .padding = 1});
  const LayerPoint point = RandomPoint(*layer, {4, 5, 64, 14, 14});
  const torch::Tensor actual = Outputs(*layer, point, ProductPrecision::kBfloat16);
  const ProductPrecisionGuard guard(ProductPrecision::kBfloat16);
  LayerPoint single = point;
  single.parameters[0] = single.parameters[0].to(torch::kFloat);
  single.inputs = single.inputs.to(torch::kFloat);
  EXPECT_LT(RelativeError(actual, OutputsAt(*layer, single)), 2e-6);
}

}  // namespace
}  // namespace outerloop::meta
