// The convolution and weight gradient kernels against plain loops in double.
#include <vector>

#include "gtest/gtest.h"
#include "meta/cpu/geometry.h"
#include "meta/cpu/kernel_testing.h"

namespace outerloop::meta::cpu {
namespace {

struct Shape {
  ImageSize inputs;
  int64_t stride;
  int64_t images;
  int64_t channels;
  int64_t filters;
};

// Filters of one register to several rows of them; groups of one position and of many; tiles that
// the positions do not fill.
std::vector<Shape> Shapes(int64_t lanes) {
  return {{{14, 14}, 2, 2, 64, 64},       {{7, 7}, 2, 3, 32, 32},
          {{4, 4}, 2, 5, 16, lanes},      {{2, 2}, 2, 1, 5, 3 * lanes},
          {{1, 1}, 2, 7, 3, 7 * lanes},   {{6, 5}, 1, 2, 7, 2 * lanes},
          {{9, 12}, 1, 1, 13, 5 * lanes}, {{5, 8}, 3, 2, 10, lanes}};
}

template <typename Case>
class ConvolutionKernelsTest : public KernelTest<Case> {
 protected:
  using typename KernelTest<Case>::S;
  using typename KernelTest<Case>::Values;

  void Draw(const Shape& shape) {
    const int64_t outputs = OutputSize(shape.inputs, shape.stride).pixels();
    for (int term = 0; term < 2; ++term) {
      inputs_[term] = this->Random(shape.images * shape.inputs.pixels() * shape.channels);
      weights_[term] = this->Random(kTaps * shape.channels * shape.filters);
      output_gradients_[term] = this->Random(shape.images * outputs * shape.filters);
    }
  }

  // Calls body(input, output, weight) with indices into images and weights of every product of the
  // convolution's definition.
  template <typename Body>
  static void ForEachProduct(const Shape& shape, const Body& body) {
    const ImageSize in = shape.inputs, out = OutputSize(in, shape.stride);
    for (int64_t n = 0; n < shape.images; ++n) {
      for (int64_t p = 0; p < out.pixels(); ++p) {
        for (int64_t tap = 0; tap < kTaps; ++tap) {
          const int64_t y = p / out.width * shape.stride - 1 + tap / 3;
          const int64_t x = p % out.width * shape.stride - 1 + tap % 3;
          if (y < 0 || y >= in.height || x < 0 || x >= in.width) continue;
          const int64_t q = n * in.pixels() + y * in.width + x;
          for (int64_t c = 0; c < shape.channels; ++c) {
            for (int64_t f = 0; f < shape.filters; ++f) {
              body(q * shape.channels + c, (n * out.pixels() + p) * shape.filters + f,
                   (tap * shape.channels + c) * shape.filters + f);
            }
          }
        }
      }
    }
  }

  Values inputs_[2], weights_[2], output_gradients_[2];
};

TYPED_TEST_SUITE(ConvolutionKernelsTest, KernelCases, KernelCaseName);

template <typename S>
Convolution<S> ForwardArguments(const Shape& shape, const ConvolutionGeometry& geometry) {
  return {.groups = geometry.forward().data(),
          .num_groups = static_cast<int64_t>(geometry.forward().size()),
          .images = shape.images,
          .source_pixels = shape.inputs.pixels(),
          .source_stride = shape.channels,
          .target_pixels = geometry.outputs().pixels(),
          .channels = shape.channels,
          .filters = shape.filters,
          .terms = {},
          .targets = nullptr};
}

TYPED_TEST(ConvolutionKernelsTest, ConvolveIsTheSumOverTermsTapsAndChannels) {
  for (const Shape& shape : Shapes(this->kernels().lanes)) {
    this->Draw(shape);
    const ConvolutionGeometry geometry(shape.inputs, shape.stride);
    std::vector<double> expected(this->output_gradients_[0].size());
    auto arguments = ForwardArguments<typename TypeParam::Scalar>(shape, geometry);
    for (int term = 0; term < 2; ++term) {
      arguments.num_terms = term + 1;
      arguments.terms[term] = {this->inputs_[term].data(), this->weights_[term].data()};
      this->ForEachProduct(shape, [&](int64_t in, int64_t out, int64_t weight) {
        expected[out] +=
            static_cast<double>(this->inputs_[term][in]) * this->weights_[term][weight];
      });
      auto outputs = this->Random(static_cast<int64_t>(expected.size()));
      arguments.targets = outputs.data();
      this->kernels().convolve(arguments);
      this->ExpectClose(outputs, expected);
    }
  }
}

TYPED_TEST(ConvolutionKernelsTest, ConvolveAddsABiasRectifiesAndMasks) {
  const int64_t filters = 3 * this->kernels().lanes;
  const Shape shape = {{7, 7}, 2, 2, 4, filters};
  this->Draw(shape);
  const ConvolutionGeometry geometry(shape.inputs, shape.stride);
  const auto bias = this->Random(filters);
  auto plain = this->Random(static_cast<int64_t>(this->output_gradients_[0].size()));
  auto rectified = plain, masked = plain;
  auto arguments = ForwardArguments<typename TypeParam::Scalar>(shape, geometry);
  arguments.terms[0] = {this->inputs_[0].data(), this->weights_[0].data()};
  arguments.targets = plain.data();
  this->kernels().convolve(arguments);
  arguments.bias = bias.data();
  arguments.rectify = true;
  arguments.targets = rectified.data();
  this->kernels().convolve(arguments);
  arguments.rectify = false;
  arguments.mask = rectified.data();
  arguments.targets = masked.data();
  this->kernels().convolve(arguments);
  std::vector<double> expected(plain.size());
  for (size_t i = 0; i < plain.size(); ++i) {
    expected[i] = std::max(0.0, static_cast<double>(plain[i]) + bias[i % filters]);
  }
  this->ExpectClose(rectified, expected);
  EXPECT_EQ(masked, rectified);  // The outputs where they are positive, 0 elsewhere: the same.
}

// With the weights transposed, as a rule backwards has them.
TYPED_TEST(ConvolutionKernelsTest, ConvolveGoesBackToTheInputs) {
  for (const Shape& forward : Shapes(this->kernels().lanes)) {
    Shape shape = forward;
    shape.channels = forward.filters;  // Which are targets now.
    this->Draw(shape);
    const ConvolutionGeometry geometry(shape.inputs, shape.stride);
    typename TestFixture::Values transposed(this->weights_[0].size());
    for (int64_t tap = 0; tap < kTaps; ++tap) {
      for (int64_t c = 0; c < shape.channels; ++c) {
        for (int64_t f = 0; f < shape.filters; ++f) {
          transposed[(tap * shape.filters + f) * shape.channels + c] =
              this->weights_[0][(tap * shape.channels + c) * shape.filters + f];
        }
      }
    }
    std::vector<double> expected(this->inputs_[0].size());
    this->ForEachProduct(shape, [&](int64_t in, int64_t out, int64_t weight) {
      expected[in] +=
          static_cast<double>(this->output_gradients_[0][out]) * this->weights_[0][weight];
    });
    auto actual = this->inputs_[0];
    this->kernels().convolve({.groups = geometry.backward().data(),
                              .num_groups = static_cast<int64_t>(geometry.backward().size()),
                              .images = shape.images,
                              .source_pixels = geometry.outputs().pixels(),
                              .source_stride = shape.filters,
                              .target_pixels = shape.inputs.pixels(),
                              .channels = shape.filters,
                              .filters = shape.channels,
                              .terms = {{this->output_gradients_[0].data(), transposed.data()}},
                              .targets = actual.data()});
    this->ExpectClose(actual, expected);
  }
}

TYPED_TEST(ConvolutionKernelsTest, WeightGradientIsTheSumOverTermsImagesAndPositions) {
  for (const Shape& shape : Shapes(this->kernels().lanes)) {
    this->Draw(shape);
    const ConvolutionGeometry geometry(shape.inputs, shape.stride);
    std::vector<double> expected(this->weights_[0].size());
    auto actual = this->weights_[0];
    WeightGradient<typename TypeParam::Scalar> arguments = {
        .taps = geometry.weights().data(),
        .num_taps = kTaps,
        .images = shape.images,
        .source_pixels = shape.inputs.pixels(),
        .source_stride = shape.channels,
        .target_pixels = geometry.outputs().pixels(),
        .channels = shape.channels,
        .filters = shape.filters,
        .terms = {},
        .gradient = actual.data()};
    for (int term = 0; term < 2; ++term) {
      arguments.terms[term] = {this->inputs_[term].data(), this->output_gradients_[term].data()};
      this->ForEachProduct(shape, [&](int64_t in, int64_t out, int64_t weight) {
        expected[weight] +=
            static_cast<double>(this->inputs_[term][in]) * this->output_gradients_[term][out];
      });
    }
    arguments.num_terms = 2;
    this->kernels().weight_gradient(arguments);
    this->ExpectClose(actual, expected);
    arguments.add = true;
    this->kernels().weight_gradient(arguments);
    for (double& value : expected) value *= 2;
    this->ExpectClose(actual, expected);
  }
}

// What a tile starts with or ends in does not matter to a position: alone or beside other images.
TYPED_TEST(ConvolutionKernelsTest, ConvolveGivesAnImageTheSameBitsInAnyBatch) {
  const Shape shape = {{7, 7}, 2, 5, 16, 3 * this->kernels().lanes};
  this->Draw(shape);
  const ConvolutionGeometry geometry(shape.inputs, shape.stride);
  auto together = this->output_gradients_[0], alone = this->output_gradients_[0];
  auto arguments = ForwardArguments<typename TypeParam::Scalar>(shape, geometry);
  arguments.terms[0] = {this->inputs_[0].data(), this->weights_[0].data()};
  arguments.targets = together.data();
  this->kernels().convolve(arguments);
  arguments.images = 1;
  for (int64_t image = 0; image < shape.images; ++image) {
    arguments.terms[0].sources =
        this->inputs_[0].data() + image * shape.inputs.pixels() * shape.channels;
    arguments.targets = alone.data() + image * geometry.outputs().pixels() * shape.filters;
    this->kernels().convolve(arguments);
  }
  EXPECT_EQ(alone, together);
}

}  // namespace
}  // namespace outerloop::meta::cpu
