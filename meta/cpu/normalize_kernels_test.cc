// The normalisation kernels against their formulas in plain loops in double, and against central
// differences.
#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "meta/cpu/kernel_testing.h"

namespace outerloop::meta::cpu {
namespace {

using Doubles = std::vector<double>;

constexpr double kEpsilon = 1e-5;

// z -> a and, with g_a, the gradients, for one channel: as kernels.h defines them.
struct Channel {
  double scale, shift;
  Doubles inputs, activation_gradients;

  struct Result {
    Doubles normalized, activations, input_gradients;
    double mean, inverse_deviation, scale_gradient = 0, shift_gradient = 0;
  };

  Result Compute() const {
    const double count = static_cast<double>(inputs.size());
    Result result;
    const auto mean_of = [&](auto value) {
      double sum = 0;
      for (size_t i = 0; i < inputs.size(); ++i) sum += value(i);
      return sum / count;
    };
    result.mean = mean_of([&](size_t i) { return inputs[i]; });
    const double variance = mean_of([&](size_t i) { return std::pow(inputs[i] - result.mean, 2); });
    result.inverse_deviation = 1 / std::sqrt(variance + kEpsilon);
    Doubles gradients;  // g_y
    for (size_t i = 0; i < inputs.size(); ++i) {
      const double n = (inputs[i] - result.mean) * result.inverse_deviation;
      const double y = scale * n + shift;
      result.normalized.push_back(n);
      result.activations.push_back(std::max(0.0, y));
      gradients.push_back(y > 0 ? activation_gradients[i] : 0);
      result.shift_gradient += gradients[i];
      result.scale_gradient += gradients[i] * n;
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      const double u = gradients[i] - result.shift_gradient / count -
                       result.normalized[i] * result.scale_gradient / count;
      result.input_gradients.push_back(scale * result.inverse_deviation * u);
    }
    return result;
  }
};

Channel Moved(const Channel& from, const Channel& direction, double by) {
  Channel moved = from;
  moved.scale += by * direction.scale;
  moved.shift += by * direction.shift;
  for (size_t i = 0; i < from.inputs.size(); ++i) {
    moved.inputs[i] += by * direction.inputs[i];
    moved.activation_gradients[i] += by * direction.activation_gradients[i];
  }
  return moved;
}

template <typename Case>
class NormalizeKernelsTest : public KernelTest<Case> {
 protected:
  using typename KernelTest<Case>::S;
  using typename KernelTest<Case>::Values;

  // A point, or a direction: images, and one value a channel.
  struct Point {
    Values inputs, activation_gradients, scale, shift;
  };

  Point RandomPoint() {
    return {this->Random(kRows * channels()), this->Random(kRows * channels()),
            this->Random(channels()), this->Random(channels())};
  }
  Channel ChannelOf(const Point& point, int64_t channel) const {
    Channel result{point.scale[channel], point.shift[channel], {}, {}};
    for (int64_t row = 0; row < kRows; ++row) {
      result.inputs.push_back(point.inputs[row * channels() + channel]);
      result.activation_gradients.push_back(point.activation_gradients[row * channels() + channel]);
    }
    return result;
  }

  // What the kernels make of a point and a direction.
  struct Kernel {
    Values normalized, activations, gradients, centered;
    Values mean, inverse, mean_gradient, correlation, scale_gradient, shift_gradient;
    Values tangent, input_correlation, activations_again, activation_tangents;
    Values gradient_tangents, gradients_again, scale_product, shift_product;
  };
  Kernel Run(const Point& at, const Point& along) const;

  // Rows that 64 does not divide; a full row of registers, half a row, and single ones.
  static constexpr int64_t kRows = 147;
  int64_t channels() const { return 7 * this->kernels().lanes; }
};

template <typename Case>
typename NormalizeKernelsTest<Case>::Kernel NormalizeKernelsTest<Case>::Run(
    const Point& at, const Point& along) const {
  const auto& kernels = this->kernels();
  const Values whole(at.inputs.size()), channel(at.scale.size());
  Kernel k = {at.inputs, whole,        at.activation_gradients,
              whole,     channel,      channel,
              channel,   channel,      channel,
              channel,   along.inputs, channel,
              whole,     whole,        along.activation_gradients,
              whole,     channel,      channel};
  kernels.statistics(
      {kRows, channels(), at.inputs.data(), kEpsilon, k.mean.data(), k.inverse.data()});
  kernels.normalize({kRows, channels(), k.mean.data(), k.inverse.data(), at.scale.data(),
                     at.shift.data(), k.normalized.data(), k.activations.data()});
  kernels.normalize_backward(
      {kRows, channels(), k.normalized.data(), k.inverse.data(), at.scale.data(), at.shift.data(),
       k.gradients.data(), k.gradients.data(), k.centered.data(), k.mean_gradient.data(),
       k.correlation.data(), k.scale_gradient.data(), k.shift_gradient.data()});
  kernels.normalize_tangent({kRows, channels(), k.normalized.data(), k.inverse.data(),
                             at.scale.data(), at.shift.data(), along.scale.data(),
                             along.shift.data(), k.tangent.data(), k.input_correlation.data(),
                             k.activations_again.data(), k.activation_tangents.data()});
  kernels.normalize_tangent_backward(
      {kRows, channels(), k.normalized.data(), k.tangent.data(), k.centered.data(),
       k.mean_gradient.data(), k.correlation.data(), k.inverse.data(), k.input_correlation.data(),
       at.scale.data(), at.shift.data(), along.scale.data(), k.gradient_tangents.data(),
       k.gradient_tangents.data(), k.gradients_again.data(), k.scale_product.data(),
       k.shift_product.data()});
  return k;
}

TYPED_TEST_SUITE(NormalizeKernelsTest, KernelCases, KernelCaseName);

TYPED_TEST(NormalizeKernelsTest, ForwardAndBackwardAreTheirFormulas) {
  const auto point = this->RandomPoint();
  const auto kernel = this->Run(point, this->RandomPoint());
  const int64_t channels = this->channels();
  Doubles n(kernel.normalized.size()), a = n, g = n, scale(channels), shift(channels);
  for (int64_t c = 0; c < channels; ++c) {
    const Channel::Result result = this->ChannelOf(point, c).Compute();
    for (size_t row = 0; row < result.normalized.size(); ++row) {
      n[row * channels + c] = result.normalized[row];
      a[row * channels + c] = result.activations[row];
      g[row * channels + c] = result.input_gradients[row];
    }
    scale[c] = result.scale_gradient;
    shift[c] = result.shift_gradient;
  }
  this->ExpectClose(kernel.normalized, n);
  this->ExpectClose(kernel.activations, a);
  this->ExpectClose(kernel.gradients, g);
  this->ExpectClose(kernel.scale_gradient, scale);
  this->ExpectClose(kernel.shift_gradient, shift);
}

// Central differences of the formulas, away from where a ReLU turns.
TYPED_TEST(NormalizeKernelsTest, TangentsAreDerivatives) {
  constexpr double kStep = 1e-6, kTolerance = 1e-5;
  const auto point = this->RandomPoint(), direction = this->RandomPoint();
  const auto kernel = this->Run(point, direction);
  const int64_t channels = this->channels();
  for (int64_t c = 0; c < channels; ++c) {
    const Channel at = this->ChannelOf(point, c), along = this->ChannelOf(direction, c);
    const auto up = Moved(at, along, kStep).Compute(), down = Moved(at, along, -kStep).Compute();
    bool turns = false;
    for (size_t row = 0; row < up.activations.size(); ++row) {
      turns |= (up.activations[row] > 0) != (down.activations[row] > 0);
    }
    if (turns) continue;
    const auto expect_slope = [&](double actual, double above, double below) {
      const double slope = (above - below) / (2 * kStep);
      EXPECT_NEAR(actual, slope, kTolerance * std::max(10.0, std::abs(slope)));
    };
    for (size_t row = 0; row < up.activations.size(); ++row) {
      const size_t i = row * channels + c;
      expect_slope(kernel.tangent[i], up.normalized[row], down.normalized[row]);
      expect_slope(kernel.activation_tangents[i], up.activations[row], down.activations[row]);
      expect_slope(kernel.gradient_tangents[i], up.input_gradients[row], down.input_gradients[row]);
    }
    expect_slope(kernel.scale_product[c], up.scale_gradient, down.scale_gradient);
    expect_slope(kernel.shift_product[c], up.shift_gradient, down.shift_gradient);
  }
}

TYPED_TEST(NormalizeKernelsTest, TangentRulesComputeValuesAndGradientsOnceMore) {
  const auto kernel = this->Run(this->RandomPoint(), this->RandomPoint());
  EXPECT_EQ(kernel.activations_again, kernel.activations);
  EXPECT_EQ(kernel.gradients_again, kernel.gradients);
}

}  // namespace
}  // namespace outerloop::meta::cpu
