// The maxima against plain loops, and normalisation with windows against normalisation without,
// with the maxima taken by themselves.
#include <algorithm>
#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "meta/cpu/kernel_testing.h"

namespace outerloop::meta::cpu {
namespace {

// An odd row and an odd column are in no window.
constexpr int64_t kImages = 3;
constexpr Windows kWindows = {.height = 5, .width = 7};
constexpr int64_t kRows = kImages * kWindows.height * kWindows.width;
constexpr int64_t kActivations = kWindows.count(kRows);
static_assert(kActivations == kImages * 2 * 3);

template <typename Case>
class PoolKernelsTest : public KernelTest<Case> {
 protected:
  using typename KernelTest<Case>::S;
  using typename KernelTest<Case>::Values;

  // A full row of registers, half a row, and single ones.
  int64_t channels() const { return 7 * this->kernels().lanes; }
  Values RandomRows() { return this->Random(kRows * channels()); }
  Values RandomActivations() { return this->Random(kActivations * channels()); }
  Values Zeros(int64_t size) const { return Values(static_cast<size_t>(size)); }

  // Whole numbers from -2 to 2: most windows have equals.
  Values RowsWithEquals() {
    Values values = RandomRows();
    for (S& value : values) value = std::round(2 * value);
    return values;
  }

  Values PoolBackward(const Values& inputs, const Values& activation_gradient) const {
    Values gradient(inputs.size(), S{99});
    this->kernels().pool_backward(
        {kRows, channels(), kWindows, inputs.data(), activation_gradient.data(), gradient.data()});
    return gradient;
  }

  // Calls body(row of the largest input, index of the activation) for all windows and channels.
  template <typename Body>
  void ForEachLargest(const Values& inputs, const Body& body) const {
    int64_t activation = 0;
    for (int64_t image = 0; image < kImages; ++image) {
      for (int64_t y = 0; y + 1 < kWindows.height; y += 2) {
        for (int64_t x = 0; x + 1 < kWindows.width; x += 2, ++activation) {
          for (int64_t c = 0; c < channels(); ++c) {
            const auto at = [&](int64_t k) {
              const int64_t row =
                  (image * kWindows.height + y + k / 2) * kWindows.width + x + k % 2;
              return row * channels() + c;
            };
            int64_t largest = at(0);
            for (int64_t k = 1; k < 4; ++k) {
              if (inputs[at(k)] > inputs[largest]) largest = at(k);
            }
            body(largest, activation * channels() + c);
          }
        }
      }
    }
  }
};

TYPED_TEST_SUITE(PoolKernelsTest, KernelCases, KernelCaseName);

TYPED_TEST(PoolKernelsTest, TakesTheFirstOfTheLargestIfItIsPositive) {
  using S = typename TestFixture::S;
  const auto inputs = this->RowsWithEquals(), tangents = this->RandomRows();
  auto activations = this->RandomActivations(), activation_tangents = activations;
  this->kernels().pool({kRows, this->channels(), kWindows, inputs.data(), tangents.data(),
                        activations.data(), activation_tangents.data()});
  this->ForEachLargest(inputs, [&](int64_t largest, int64_t activation) {
    ASSERT_EQ(activations[activation], std::max(S{0}, inputs[largest]));
    ASSERT_EQ(activation_tangents[activation], inputs[largest] > 0 ? tangents[largest] : S{0});
  });
}

TYPED_TEST(PoolKernelsTest, LeavesOutWhatIsNotAskedFor) {
  const auto inputs = this->RandomRows(), tangents = this->RandomRows();
  auto both = this->RandomActivations(), both_tangents = both, one = both, other = both;
  const auto pool = [&](auto* activations, auto* activation_tangents) {
    this->kernels().pool({kRows, this->channels(), kWindows, inputs.data(), tangents.data(),
                          activations, activation_tangents});
  };
  pool(both.data(), both_tangents.data());
  pool(one.data(), decltype(one.data()){});
  pool(decltype(other.data()){}, other.data());
  EXPECT_EQ(one, both);
  EXPECT_EQ(other, both_tangents);
}

TYPED_TEST(PoolKernelsTest, BringsGradientsBackToThatOneAlone) {
  const auto inputs = this->RowsWithEquals(), gradient = this->RandomActivations();
  auto expected = this->Zeros(inputs.size());
  this->ForEachLargest(inputs, [&](int64_t largest, int64_t activation) {
    if (inputs[largest] > 0) expected[largest] = gradient[activation];
  });
  EXPECT_EQ(this->PoolBackward(inputs, gradient), expected);
}

// Both ways from the same z and parameters.
TYPED_TEST(PoolKernelsTest, NormalisationWithWindowsIsThatWithoutAndMaxima) {
  using Values = typename TestFixture::Values;
  const auto& kernels = this->kernels();
  const int64_t channels = this->channels();
  const auto channel = [&] { return this->Random(channels); };
  const Values z = this->RandomRows(), dz = this->RandomRows();
  const Values g = this->RandomActivations(), dg = this->RandomActivations();
  const Values scale = channel(), shift = channel(), dscale = channel(), dshift = channel();

  struct Results {
    Values n, u, gradient, dn, gradient_tangent, gradient_again, activations, tangents;
    Values sums;  // Everything that has one value a channel, one after the other.
  };
  // `gradients` are g_a and g_a', for each window or for each row.
  const auto run = [&](Windows windows, const Values& activation_gradient,
                       const Values& activation_gradient_tangent) {
    const Values rows = this->Zeros(kRows * channels);
    const Values some = this->Zeros(windows.count(kRows) * channels);
    Results r = {z, rows, rows, dz, rows, rows, some, some, this->Zeros(9 * channels)};
    const auto sum = [&](int number) { return r.sums.data() + number * channels; };
    kernels.statistics({kRows, channels, z.data(), 1e-5, sum(0), sum(1)});
    kernels.normalize({kRows, channels, sum(0), sum(1), scale.data(), shift.data(), r.n.data(),
                       r.activations.data(), windows});
    kernels.normalize_backward({kRows, channels, r.n.data(), sum(1), scale.data(), shift.data(),
                                activation_gradient.data(), r.gradient.data(), r.u.data(), sum(2),
                                sum(3), sum(4), sum(5), windows});
    kernels.normalize_tangent({kRows, channels, r.n.data(), sum(1), scale.data(), shift.data(),
                               dscale.data(), dshift.data(), r.dn.data(), sum(6),
                               r.activations.data(), r.tangents.data(), windows});
    kernels.normalize_tangent_backward(
        {kRows, channels, r.n.data(), r.dn.data(), r.u.data(), sum(2), sum(3), sum(1), sum(6),
         scale.data(), shift.data(), dscale.data(), activation_gradient_tangent.data(),
         r.gradient_tangent.data(), r.gradient_again.data(), sum(7), sum(8), windows});
    return r;
  };

  const Results with = run(kWindows, g, dg);
  Values y = with.n, dy = with.n;
  for (size_t i = 0; i < y.size(); ++i) {
    const size_t c = i % channels;
    y[i] = scale[c] * with.n[i] + shift[c];
    dy[i] = dscale[c] * with.n[i] + scale[c] * with.dn[i] + dshift[c];
  }
  const Results without = run({}, this->PoolBackward(y, g), this->PoolBackward(y, dg));
  const auto expect_close = [&](const Values& actual, const Values& expected) {
    this->ExpectClose(actual, std::vector<double>(expected.begin(), expected.end()));
  };
  expect_close(with.n, without.n);
  expect_close(with.u, without.u);
  expect_close(with.dn, without.dn);
  expect_close(with.gradient, without.gradient);
  expect_close(with.gradient_again, without.gradient_again);
  expect_close(with.gradient_tangent, without.gradient_tangent);
  expect_close(with.sums, without.sums);
  Values a = with.activations, da = a;
  kernels.pool({kRows, channels, kWindows, y.data(), dy.data(), a.data(), da.data()});
  expect_close(with.activations, a);
  expect_close(with.tangents, da);
}

}  // namespace
}  // namespace outerloop::meta::cpu
