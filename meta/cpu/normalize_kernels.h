// Batch normalisation with ReLU: the formulas of kernels.h in two or three passes over the rows, a
// block of channels at a time, statistics in registers.
#ifndef OUTERLOOP_META_CPU_NORMALIZE_KERNELS_H_
#define OUTERLOOP_META_CPU_NORMALIZE_KERNELS_H_

#include <cstdint>

#include "meta/cpu/channel_sums.h"
#include "meta/cpu/kernels.h"
#include "meta/cpu/tiles.h"

namespace outerloop::meta::cpu {

// kRow registers of one value a channel, loaded once and kept.
template <class V, int kRow>
struct ChannelValues {
  using S = typename V::Scalar;
  using Register = typename V::Register;

  Register values[kRow];

  [[gnu::always_inline]] explicit ChannelValues(const S* from) {
    for (int j = 0; j < kRow; ++j) values[j] = V::Load(from + j * V::kLanes);
  }
  [[gnu::always_inline]] Register operator[](int j) const { return values[j]; }
};

template <class V, int kRow>
[[gnu::always_inline]] inline void StoreChannels(typename V::Scalar* to,
                                                 const typename V::Register (&values)[kRow]) {
  for (int j = 0; j < kRow; ++j) V::Store(to + j * V::kLanes, values[j]);
}

// Calls body(offset of the row's register j, j) for all rows.
template <class V, int kRow, class Body>
[[gnu::always_inline]] inline void ForEachRow(int64_t rows, int64_t row_size, const Body& body) {
  for (int64_t row = 0; row < rows; ++row) {
    for (int j = 0; j < kRow; ++j) body(row * row_size + j * V::kLanes, j);
  }
}

// 1 / sqrt(variance + epsilon), lane by lane: one register a channel block, so speed is no matter.
template <class V>
inline typename V::Register InverseDeviation(typename V::Register variance, double epsilon) {
  typename V::Register result;
  for (int lane = 0; lane < V::kLanes; ++lane) {
    const double value = static_cast<double>(variance[lane]) + epsilon;
    result[lane] = static_cast<typename V::Scalar>(1 / __builtin_sqrt(value));
  }
  return result;
}

// The mean is taken twice, the second time of what the first left over: then the variance is as
// exact as if the mean were.
template <class V>
void ComputeStatistics(const Statistics<typename V::Scalar>& arguments) {
  using S = typename V::Scalar;
  using Register = typename V::Register;
  const S count = static_cast<S>(arguments.rows);
  ForEachChannelBlock<V>(arguments.channels, [&](int64_t channel, auto row) {
    const S* const inputs = arguments.inputs + channel;
    const auto sums = SumOverRows<V, row>(
        arguments.rows, arguments.channels,
        [&](int64_t at, int j, auto& into) { into.first[j] += V::Load(inputs + at); });
    Register mean[row];
    for (int j = 0; j < row; ++j) mean[j] = sums.first[j] / count;
    const auto rest =
        SumOverRows<V, row>(arguments.rows, arguments.channels, [&](int64_t at, int j, auto& into) {
          const Register d = V::Load(inputs + at) - mean[j];
          into.first[j] += d;
          into.second[j] = V::MultiplyAdd(d, d, into.second[j]);
        });
    Register deviation[row];
    for (int j = 0; j < row; ++j) {
      const Register left_over = rest.first[j] / count;
      const Register variance = rest.second[j] / count - left_over * left_over;
      mean[j] += left_over;
      deviation[j] = InverseDeviation<V>(variance, arguments.epsilon);
    }
    StoreChannels<V, row>(arguments.mean + channel, mean);
    StoreChannels<V, row>(arguments.inverse_deviation + channel, deviation);
  });
}

template <class V>
void ComputeNormalize(const Normalize<typename V::Scalar>& arguments) {
  using S = typename V::Scalar;
  using Register = typename V::Register;
  ForEachChannelBlock<V>(arguments.channels, [&](int64_t channel, auto row) {
    const ChannelValues<V, row> mean(arguments.mean + channel);
    const ChannelValues<V, row> inverse(arguments.inverse_deviation + channel);
    const ChannelValues<V, row> scale(arguments.scale + channel), shift(arguments.shift + channel);
    S* const values = arguments.values + channel;
    S* const activations = arguments.activations + channel;
    const Register zero{};
    ForEachRow<V, row>(arguments.rows, arguments.channels, [&](int64_t at, int j) {
      const Register n = (V::Load(values + at) - mean[j]) * inverse[j];
      const Register y = V::MultiplyAdd(scale[j], n, shift[j]);
      V::Store(values + at, n);
      V::Store(activations + at, y > zero ? y : zero);
    });
  });
}

// Pass 1 masks the gradient and takes its means; pass 2 centres it.
template <class V>
void ComputeNormalizeBackward(const NormalizeBackward<typename V::Scalar>& arguments) {
  using S = typename V::Scalar;
  using Register = typename V::Register;
  const S count = static_cast<S>(arguments.rows);
  ForEachChannelBlock<V>(arguments.channels, [&](int64_t channel, auto row) {
    const ChannelValues<V, row> inverse(arguments.inverse_deviation + channel);
    const ChannelValues<V, row> scale(arguments.scale + channel), shift(arguments.shift + channel);
    const S* const normalized = arguments.normalized + channel;
    S* const gradient = arguments.gradient + channel;
    S* const centered = arguments.centered + channel;
    const Register zero{};
    const auto sums =
        SumOverRows<V, row>(arguments.rows, arguments.channels, [&](int64_t at, int j, auto& into) {
          const Register n = V::Load(normalized + at);
          const Register y = V::MultiplyAdd(scale[j], n, shift[j]);
          const Register g = y > zero ? V::Load(gradient + at) : zero;
          V::Store(gradient + at, g);
          into.first[j] += g;
          into.second[j] = V::MultiplyAdd(g, n, into.second[j]);
        });
    Register mean[row], correlation[row], factor[row];
    for (int j = 0; j < row; ++j) {
      mean[j] = sums.first[j] / count;
      correlation[j] = sums.second[j] / count;
      factor[j] = scale[j] * inverse[j];
    }
    ForEachRow<V, row>(arguments.rows, arguments.channels, [&](int64_t at, int j) {
      const Register n = V::Load(normalized + at);
      const Register u = V::MultiplySubtract(n, correlation[j], V::Load(gradient + at) - mean[j]);
      V::Store(centered + at, u);
      V::Store(gradient + at, factor[j] * u);
    });
    StoreChannels<V, row>(arguments.mean_gradient + channel, mean);
    StoreChannels<V, row>(arguments.mean_gradient_normalized + channel, correlation);
    StoreChannels<V, row>(arguments.scale_gradient + channel, sums.second);
    StoreChannels<V, row>(arguments.shift_gradient + channel, sums.first);
  });
}

template <class V>
void ComputeNormalizeTangent(const NormalizeTangent<typename V::Scalar>& arguments) {
  using S = typename V::Scalar;
  using Register = typename V::Register;
  const S count = static_cast<S>(arguments.rows);
  ForEachChannelBlock<V>(arguments.channels, [&](int64_t channel, auto row) {
    const S* const normalized = arguments.normalized + channel;
    S* const tangent = arguments.tangent + channel;
    const auto sums =
        SumOverRows<V, row>(arguments.rows, arguments.channels, [&](int64_t at, int j, auto& into) {
          const Register t = V::Load(tangent + at);
          into.first[j] += t;
          into.second[j] = V::MultiplyAdd(t, V::Load(normalized + at), into.second[j]);
        });
    Register mean[row], correlation[row];
    for (int j = 0; j < row; ++j) {
      mean[j] = sums.first[j] / count;
      correlation[j] = sums.second[j] / count;
    }
    StoreChannels<V, row>(arguments.correlation + channel, correlation);
    const ChannelValues<V, row> inverse(arguments.inverse_deviation + channel);
    const ChannelValues<V, row> scale(arguments.scale + channel), shift(arguments.shift + channel);
    const ChannelValues<V, row> scale_tangent(arguments.scale_tangent + channel);
    const ChannelValues<V, row> shift_tangent(arguments.shift_tangent + channel);
    S* const activations = arguments.activations + channel;
    S* const activation_tangents = arguments.activation_tangents + channel;
    const Register zero{};
    ForEachRow<V, row>(arguments.rows, arguments.channels, [&](int64_t at, int j) {
      const Register n = V::Load(normalized + at);
      const Register dn =
          inverse[j] * V::MultiplySubtract(n, correlation[j], V::Load(tangent + at) - mean[j]);
      const Register y = V::MultiplyAdd(scale[j], n, shift[j]);
      const Register dy =
          V::MultiplyAdd(scale[j], dn, V::MultiplyAdd(scale_tangent[j], n, shift_tangent[j]));
      V::Store(tangent + at, dn);
      V::Store(activations + at, y > zero ? y : zero);
      V::Store(activation_tangents + at, y > zero ? dy : zero);
    });
  });
}

// g_y itself is not kept: it is u + <g_y> + n <g_y n>, and n' is 0 in no case where it matters
// less.
template <class V>
void ComputeNormalizeTangentBackward(
    const NormalizeTangentBackward<typename V::Scalar>& arguments) {
  using S = typename V::Scalar;
  using Register = typename V::Register;
  const S count = static_cast<S>(arguments.rows);
  ForEachChannelBlock<V>(arguments.channels, [&](int64_t channel, auto row) {
    const ChannelValues<V, row> mean_gradient(arguments.mean_gradient + channel);
    const ChannelValues<V, row> correlation(arguments.mean_gradient_normalized + channel);
    const ChannelValues<V, row> scale(arguments.scale + channel), shift(arguments.shift + channel);
    const S* const normalized = arguments.normalized + channel;
    const S* const normalized_tangent = arguments.normalized_tangent + channel;
    const S* const centered = arguments.centered + channel;
    S* const gradient_tangent = arguments.gradient_tangent + channel;
    S* const gradient = arguments.gradient + channel;
    const Register zero{};
    const auto sums =
        SumOverRows<V, row>(arguments.rows, arguments.channels, [&](int64_t at, int j, auto& into) {
          const Register n = V::Load(normalized + at);
          const Register y = V::MultiplyAdd(scale[j], n, shift[j]);
          const Register dg = y > zero ? V::Load(gradient_tangent + at) : zero;
          const Register g =
              V::MultiplyAdd(n, correlation[j], V::Load(centered + at) + mean_gradient[j]);
          V::Store(gradient_tangent + at, dg);
          into.first[j] += dg;
          into.second[j] = V::MultiplyAdd(
              dg, n, V::MultiplyAdd(g, V::Load(normalized_tangent + at), into.second[j]));
        });
    StoreChannels<V, row>(arguments.shift_gradient_tangent + channel, sums.first);
    StoreChannels<V, row>(arguments.scale_gradient_tangent + channel, sums.second);

    const ChannelValues<V, row> inverse(arguments.inverse_deviation + channel);
    const ChannelValues<V, row> input_correlation(arguments.correlation + channel);
    const ChannelValues<V, row> scale_tangent(arguments.scale_tangent + channel);
    Register mean_tangent[row], correlation_tangent[row], factor[row], factor_tangent[row];
    for (int j = 0; j < row; ++j) {
      mean_tangent[j] = sums.first[j] / count;
      correlation_tangent[j] = sums.second[j] / count;
      const Register inverse_tangent = -inverse[j] * inverse[j] * input_correlation[j];
      factor[j] = scale[j] * inverse[j];
      factor_tangent[j] = scale_tangent[j] * inverse[j] + scale[j] * inverse_tangent;
    }
    ForEachRow<V, row>(arguments.rows, arguments.channels, [&](int64_t at, int j) {
      const Register u = V::Load(centered + at);
      const Register centered_gradient = V::Load(gradient_tangent + at) - mean_tangent[j];
      const Register du = V::MultiplySubtract(
          V::Load(normalized + at), correlation_tangent[j],
          V::MultiplySubtract(V::Load(normalized_tangent + at), correlation[j], centered_gradient));
      V::Store(gradient_tangent + at, V::MultiplyAdd(factor_tangent[j], u, factor[j] * du));
      V::Store(gradient + at, factor[j] * u);
    });
  });
}

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_NORMALIZE_KERNELS_H_
