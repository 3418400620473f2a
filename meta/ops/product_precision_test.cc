#include "meta/ops/product_precision.h"

#include <memory>
#include <thread>
#include <vector>

#include "ATen/Context.h"
#include "gtest/gtest.h"
#include "meta/ops/conv2d.h"
#include "meta/ops/layer_testing.h"
#include "meta/ops/linear.h"

namespace outerloop::meta {
namespace {

torch::Tensor Rounded(const torch::Tensor& values) {
  return values.to(torch::kBFloat16).to(values.scalar_type());
}

// A layer without a bias, and inputs for it.
struct Case {
  const char* name;
  std::unique_ptr<const Layer> (*make)();
  std::vector<int64_t> input_sizes;
};

const Case kCases[] = {
    {"conv2d",
     [] {
       return MakeConv2d({.channels = 3, .filters = 4, .kernel = 3, .stride = 2, .padding = 1});
     },
     {2, 3, 3, 7, 6}},
    {"linear", [] { return MakeLinear({.inputs = 5, .outputs = 4, .bias = false}); }, {2, 3, 5}},
};

// All that the four rules give at a point along a direction.
std::vector<torch::Tensor> AllRules(const Layer& layer, const LayerPoint& point,
                                    const LayerPoint& direction) {
  Layer::Record record, tangent_record;
  std::vector<torch::Tensor> all;
  all.push_back(layer.Forward(point.parameters, point.inputs, record));
  const auto keep = [&all](const Layer::Gradients& gradients) {
    all.push_back(gradients.inputs);
    all.insert(all.end(), gradients.parameters.begin(), gradients.parameters.end());
  };
  keep(layer.Backward(point.output_gradient, /*wants_inputs=*/true, record));
  all.push_back(
      layer.TangentForward(direction.parameters, direction.inputs, record, tangent_record));
  keep(layer.TangentBackward(direction.output_gradient, /*wants_inputs=*/true, record,
                             tangent_record));
  return all;
}

LayerPoint Rounded(LayerPoint point) {
  for (torch::Tensor& parameter : point.parameters) parameter = Rounded(parameter);
  point.inputs = Rounded(point.inputs);
  point.output_gradient = Rounded(point.output_gradient);
  return point;
}

TEST(ProductPrecisionTest, RoundsFactorsToBfloat16WhereThatIsAskedFor) {
  const torch::Tensor values = torch::randn({100}, torch::kFloat);
  EXPECT_TRUE(Factor(values).is_same(values));
  {
    const ProductPrecisionGuard guard(ProductPrecision::kTf32);
    EXPECT_TRUE(Factor(values).is_same(values));
    const ProductPrecisionGuard inner(ProductPrecision::kBfloat16);
    EXPECT_TRUE(torch::equal(Factor(values), Rounded(values)));
    EXPECT_FALSE(torch::equal(Factor(values), values));
    EXPECT_EQ(Factor(values).scalar_type(), torch::kFloat);
  }
  EXPECT_TRUE(Factor(values).is_same(values));
}

TEST(ProductPrecisionTest, LeavesOtherThreadsFactorsAlone) {
  const ProductPrecisionGuard guard(ProductPrecision::kBfloat16);
  const torch::Tensor values = torch::randn({100}, torch::kFloat);
  std::thread([&values] { EXPECT_TRUE(Factor(values).is_same(values)); }).join();
}

// bfloat16 has 8 significant bits, so the neighbours of 1 above it are steps of 1/128.
TEST(ProductPrecisionTest, RoundsToTheNearestAndTiesToEven) {
  const ProductPrecisionGuard guard(ProductPrecision::kBfloat16);
  const torch::Tensor values =
      torch::tensor({1 + 1.0 / 256, 1 + 3.0 / 256, 1 + 1.0 / 128}, torch::kDouble);
  const torch::Tensor expected = torch::tensor({1.0, 1 + 4.0 / 256, 1 + 1.0 / 128}, torch::kDouble);
  EXPECT_TRUE(torch::equal(Factor(values), expected));
}

TEST(ProductPrecisionTest, TellsLibTorchAndTakesItBack) {
  const auto allowed = [] {
    return at::globalContext().allowTF32CuBLAS() && at::globalContext().allowTF32CuDNN();
  };
  at::globalContext().setAllowTF32CuBLAS(false);
  at::globalContext().setAllowTF32CuDNN(false);
  for (const auto precision : {ProductPrecision::kTf32, ProductPrecision::kBfloat16}) {
    const ProductPrecisionGuard guard(precision);
    EXPECT_TRUE(allowed());
    const ProductPrecisionGuard exact(ProductPrecision::kFloat32);
    EXPECT_FALSE(at::globalContext().allowTF32CuBLAS());
    EXPECT_FALSE(at::globalContext().allowTF32CuDNN());
  }
  EXPECT_FALSE(at::globalContext().allowTF32CuBLAS());
  EXPECT_FALSE(at::globalContext().allowTF32CuDNN());
}

// So what is computed under kBfloat16 is all that the layer does with rounded factors, and sums are
// not rounded.
TEST(ProductPrecisionTest, RoundsAllFactorsOfALayerAndNothingElse) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto layer = c.make();
    const LayerPoint point = RandomPoint(*layer, c.input_sizes);
    const LayerPoint direction = RandomPoint(*layer, c.input_sizes);
    const auto expected = AllRules(*layer, Rounded(point), Rounded(direction));
    const ProductPrecisionGuard guard(ProductPrecision::kBfloat16);
    const auto actual = AllRules(*layer, point, direction);
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t i = 0; i < actual.size(); ++i) {
      EXPECT_TRUE(torch::equal(actual[i], expected[i])) << "result " << i;
    }
  }
}

}  // namespace
}  // namespace outerloop::meta
