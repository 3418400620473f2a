// Batch normalisation with ReLU: the formulas of kernels.h in two or three passes over the rows, a
// block of channels at a time, statistics in registers.
#ifndef OUTERLOOP_META_CPU_NORMALIZE_KERNELS_H_
#define OUTERLOOP_META_CPU_NORMALIZE_KERNELS_H_

#include <cstdint>

#include "meta/cpu/channel_sums.h"
#include "meta/cpu/kernels.h"
#include "meta/cpu/tiles.h"
#include "meta/cpu/window_rows.h"

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

// The y of a window's rows from their n.
template <class V, int kSize>
[[gnu::always_inline]] inline Largest<V, kSize> LargestOf(
    const typename V::Register (&normalized)[kSize], typename V::Register scale,
    typename V::Register shift) {
  typename V::Register y[kSize];
  for (int k = 0; k < kSize; ++k) y[k] = V::MultiplyAdd(scale, normalized[k], shift);
  return Largest<V, kSize>(y);
}

template <class V, int kSize>
[[gnu::always_inline]] inline void LoadRows(const typename V::Scalar* from, int64_t row_size,
                                            const WindowRows<kSize>& window,
                                            typename V::Register (&to)[kSize]) {
  for (int k = 0; k < kSize; ++k) to[k] = V::Load(from + window.rows[k] * row_size);
}

template <class V, int kRow, int kSize>
[[gnu::always_inline]] inline void NormalizeChannels(const Normalize<typename V::Scalar>& arguments,
                                                     int64_t channel) {
  using S = typename V::Scalar;
  using Register = typename V::Register;
  const int64_t size = arguments.channels;
  const ChannelValues<V, kRow> mean(arguments.mean + channel);
  const ChannelValues<V, kRow> inverse(arguments.inverse_deviation + channel);
  const ChannelValues<V, kRow> scale(arguments.scale + channel), shift(arguments.shift + channel);
  S* const values = arguments.values + channel;
  S* const activations = arguments.activations + channel;
  const auto normalize = [&](int64_t row, int j) {
    S* const at = values + row * size + j * V::kLanes;
    const Register n = (V::Load(at) - mean[j]) * inverse[j];
    V::Store(at, n);
    return n;
  };
  const Register zero{};
  ForEachWindow<kSize>(arguments.rows, arguments.windows, [&](const WindowRows<kSize>& window) {
    for (int j = 0; j < kRow; ++j) {
      Register n[kSize];
      for (int k = 0; k < kSize; ++k) n[k] = normalize(window.rows[k], j);
      const Register y = LargestOf<V, kSize>(n, scale[j], shift[j]).value();
      V::Store(activations + window.activation * size + j * V::kLanes, y > zero ? y : zero);
    }
  });
  ForEachRowOutside<kSize>(arguments.rows, arguments.windows, [&](int64_t row) {
    for (int j = 0; j < kRow; ++j) normalize(row, j);
  });
}

template <class V>
void ComputeNormalize(const Normalize<typename V::Scalar>& arguments) {
  WithWindowSize(arguments.windows, [&](auto size) {
    ForEachChannelBlock<V>(arguments.channels, [&](int64_t channel, auto row) {
      NormalizeChannels<V, row, size>(arguments, channel);
    });
  });
}

// Pass 1 takes the means of g_y; pass 2 centres it. Both find out anew where it is not 0: that is
// cheaper than to write it in between.
template <class V, int kRow, int kSize>
[[gnu::always_inline]] inline void NormalizeChannelsBackward(
    const NormalizeBackward<typename V::Scalar>& arguments, int64_t channel) {
  using S = typename V::Scalar;
  using Register = typename V::Register;
  const int64_t size = arguments.channels;
  const S count = static_cast<S>(arguments.rows);
  const ChannelValues<V, kRow> inverse(arguments.inverse_deviation + channel);
  const ChannelValues<V, kRow> scale(arguments.scale + channel), shift(arguments.shift + channel);
  const S* const normalized = arguments.normalized + channel;
  const S* const activation_gradient = arguments.activation_gradient + channel;
  S* const gradient = arguments.gradient + channel;
  S* const centered = arguments.centered + channel;
  const Register zero{};
  const auto activation_gradient_at = [&](const auto& window, int j, const auto& largest) {
    const Register g = V::Load(activation_gradient + window.activation * size + j * V::kLanes);
    return largest.value() > zero ? g : zero;
  };
  const auto sums = SumOverWindows<V, kRow, kSize>(
      arguments.rows, arguments.windows, [&](const auto& window, int j, auto& into) {
        Register n[kSize];
        LoadRows<V, kSize>(normalized + j * V::kLanes, size, window, n);
        const auto largest = LargestOf<V, kSize>(n, scale[j], shift[j]);
        const Register g = activation_gradient_at(window, j, largest);
        into.first[j] += g;
        into.second[j] = V::MultiplyAdd(g, largest.Select(n), into.second[j]);
      });
  Register mean[kRow], correlation[kRow], factor[kRow];
  for (int j = 0; j < kRow; ++j) {
    mean[j] = sums.first[j] / count;
    correlation[j] = sums.second[j] / count;
    factor[j] = scale[j] * inverse[j];
  }
  const auto center = [&](int64_t row, int j, Register n, Register g) {
    const int64_t at = row * size + j * V::kLanes;
    const Register u = V::MultiplySubtract(n, correlation[j], g - mean[j]);
    V::Store(centered + at, u);
    V::Store(gradient + at, factor[j] * u);
  };
  ForEachWindow<kSize>(arguments.rows, arguments.windows, [&](const WindowRows<kSize>& window) {
    for (int j = 0; j < kRow; ++j) {
      Register n[kSize], g[kSize];
      LoadRows<V, kSize>(normalized + j * V::kLanes, size, window, n);
      const auto largest = LargestOf<V, kSize>(n, scale[j], shift[j]);
      largest.Spread(activation_gradient_at(window, j, largest), g);
      for (int k = 0; k < kSize; ++k) center(window.rows[k], j, n[k], g[k]);
    }
  });
  ForEachRowOutside<kSize>(arguments.rows, arguments.windows, [&](int64_t row) {
    for (int j = 0; j < kRow; ++j) {
      center(row, j, V::Load(normalized + row * size + j * V::kLanes), zero);
    }
  });
  StoreChannels<V, kRow>(arguments.mean_gradient + channel, mean);
  StoreChannels<V, kRow>(arguments.mean_gradient_normalized + channel, correlation);
  StoreChannels<V, kRow>(arguments.scale_gradient + channel, sums.second);
  StoreChannels<V, kRow>(arguments.shift_gradient + channel, sums.first);
}

template <class V>
void ComputeNormalizeBackward(const NormalizeBackward<typename V::Scalar>& arguments) {
  WithWindowSize(arguments.windows, [&](auto size) {
    ForEachChannelBlock<V>(arguments.channels, [&](int64_t channel, auto row) {
      NormalizeChannelsBackward<V, row, size>(arguments, channel);
    });
  });
}

template <class V, int kRow, int kSize>
[[gnu::always_inline]] inline void NormalizeChannelsTangent(
    const NormalizeTangent<typename V::Scalar>& arguments, int64_t channel) {
  using S = typename V::Scalar;
  using Register = typename V::Register;
  const int64_t size = arguments.channels;
  const S count = static_cast<S>(arguments.rows);
  const S* const normalized = arguments.normalized + channel;
  S* const tangent = arguments.tangent + channel;
  const auto sums = SumOverRows<V, kRow>(arguments.rows, size, [&](int64_t at, int j, auto& into) {
    const Register t = V::Load(tangent + at);
    into.first[j] += t;
    into.second[j] = V::MultiplyAdd(t, V::Load(normalized + at), into.second[j]);
  });
  Register mean[kRow], correlation[kRow];
  for (int j = 0; j < kRow; ++j) {
    mean[j] = sums.first[j] / count;
    correlation[j] = sums.second[j] / count;
  }
  StoreChannels<V, kRow>(arguments.correlation + channel, correlation);
  const ChannelValues<V, kRow> inverse(arguments.inverse_deviation + channel);
  const ChannelValues<V, kRow> scale(arguments.scale + channel), shift(arguments.shift + channel);
  const ChannelValues<V, kRow> scale_tangent(arguments.scale_tangent + channel);
  const ChannelValues<V, kRow> shift_tangent(arguments.shift_tangent + channel);
  S* const activations = arguments.activations + channel;
  S* const activation_tangents = arguments.activation_tangents + channel;
  const Register zero{};
  const auto normalize = [&](int64_t row, int j, Register n) {
    S* const at = tangent + row * size + j * V::kLanes;
    const Register dn = inverse[j] * V::MultiplySubtract(n, correlation[j], V::Load(at) - mean[j]);
    V::Store(at, dn);
    return dn;
  };
  ForEachWindow<kSize>(arguments.rows, arguments.windows, [&](const WindowRows<kSize>& window) {
    for (int j = 0; j < kRow; ++j) {
      Register n[kSize], dn[kSize];
      LoadRows<V, kSize>(normalized + j * V::kLanes, size, window, n);
      for (int k = 0; k < kSize; ++k) dn[k] = normalize(window.rows[k], j, n[k]);
      const auto largest = LargestOf<V, kSize>(n, scale[j], shift[j]);
      const Register y = largest.value();
      const Register dy =
          V::MultiplyAdd(scale[j], largest.Select(dn),
                         V::MultiplyAdd(scale_tangent[j], largest.Select(n), shift_tangent[j]));
      const int64_t at = window.activation * size + j * V::kLanes;
      V::Store(activations + at, y > zero ? y : zero);
      V::Store(activation_tangents + at, y > zero ? dy : zero);
    }
  });
  ForEachRowOutside<kSize>(arguments.rows, arguments.windows, [&](int64_t row) {
    for (int j = 0; j < kRow; ++j) {
      normalize(row, j, V::Load(normalized + row * size + j * V::kLanes));
    }
  });
}

template <class V>
void ComputeNormalizeTangent(const NormalizeTangent<typename V::Scalar>& arguments) {
  WithWindowSize(arguments.windows, [&](auto size) {
    ForEachChannelBlock<V>(arguments.channels, [&](int64_t channel, auto row) {
      NormalizeChannelsTangent<V, row, size>(arguments, channel);
    });
  });
}

// g_y itself is not kept: it is u + <g_y> + n <g_y n>, and 0 but for the largest of a window.
template <class V, int kRow, int kSize>
[[gnu::always_inline]] inline void NormalizeChannelsTangentBackward(
    const NormalizeTangentBackward<typename V::Scalar>& arguments, int64_t channel) {
  using S = typename V::Scalar;
  using Register = typename V::Register;
  const int64_t size = arguments.channels;
  const S count = static_cast<S>(arguments.rows);
  const ChannelValues<V, kRow> mean_gradient(arguments.mean_gradient + channel);
  const ChannelValues<V, kRow> correlation(arguments.mean_gradient_normalized + channel);
  const ChannelValues<V, kRow> scale(arguments.scale + channel), shift(arguments.shift + channel);
  const S* const normalized = arguments.normalized + channel;
  const S* const normalized_tangent = arguments.normalized_tangent + channel;
  const S* const centered = arguments.centered + channel;
  const S* const activation_tangent = arguments.activation_gradient_tangent + channel;
  S* const gradient_tangent = arguments.gradient_tangent + channel;
  S* const gradient = arguments.gradient + channel;
  const Register zero{};
  const auto activation_tangent_at = [&](const auto& window, int j, const auto& largest) {
    const Register dg = V::Load(activation_tangent + window.activation * size + j * V::kLanes);
    return largest.value() > zero ? dg : zero;
  };
  const auto sums = SumOverWindows<V, kRow, kSize>(
      arguments.rows, arguments.windows, [&](const auto& window, int j, auto& into) {
        Register n_of[kSize], dn_of[kSize], u_of[kSize];
        LoadRows<V, kSize>(normalized + j * V::kLanes, size, window, n_of);
        LoadRows<V, kSize>(normalized_tangent + j * V::kLanes, size, window, dn_of);
        LoadRows<V, kSize>(centered + j * V::kLanes, size, window, u_of);
        const auto largest = LargestOf<V, kSize>(n_of, scale[j], shift[j]);
        const Register n = largest.Select(n_of), dn = largest.Select(dn_of);
        const Register dg = activation_tangent_at(window, j, largest);
        const Register g =
            V::MultiplyAdd(n, correlation[j], largest.Select(u_of) + mean_gradient[j]);
        into.first[j] += dg;
        into.second[j] = V::MultiplyAdd(dg, n, V::MultiplyAdd(g, dn, into.second[j]));
      });
  StoreChannels<V, kRow>(arguments.shift_gradient_tangent + channel, sums.first);
  StoreChannels<V, kRow>(arguments.scale_gradient_tangent + channel, sums.second);

  const ChannelValues<V, kRow> inverse(arguments.inverse_deviation + channel);
  const ChannelValues<V, kRow> input_correlation(arguments.correlation + channel);
  const ChannelValues<V, kRow> scale_tangent(arguments.scale_tangent + channel);
  Register mean_tangent[kRow], correlation_tangent[kRow], factor[kRow], factor_tangent[kRow];
  for (int j = 0; j < kRow; ++j) {
    mean_tangent[j] = sums.first[j] / count;
    correlation_tangent[j] = sums.second[j] / count;
    const Register inverse_tangent = -inverse[j] * inverse[j] * input_correlation[j];
    factor[j] = scale[j] * inverse[j];
    factor_tangent[j] = scale_tangent[j] * inverse[j] + scale[j] * inverse_tangent;
  }
  const auto center = [&](int64_t row, int j, Register n, Register dg) {
    const int64_t at = row * size + j * V::kLanes;
    const Register u = V::Load(centered + at);
    const Register du =
        V::MultiplySubtract(n, correlation_tangent[j],
                            V::MultiplySubtract(V::Load(normalized_tangent + at), correlation[j],
                                                dg - mean_tangent[j]));
    V::Store(gradient_tangent + at, V::MultiplyAdd(factor_tangent[j], u, factor[j] * du));
    V::Store(gradient + at, factor[j] * u);
  };
  ForEachWindow<kSize>(arguments.rows, arguments.windows, [&](const WindowRows<kSize>& window) {
    for (int j = 0; j < kRow; ++j) {
      Register n[kSize], dg[kSize];
      LoadRows<V, kSize>(normalized + j * V::kLanes, size, window, n);
      const auto largest = LargestOf<V, kSize>(n, scale[j], shift[j]);
      largest.Spread(activation_tangent_at(window, j, largest), dg);
      for (int k = 0; k < kSize; ++k) center(window.rows[k], j, n[k], dg[k]);
    }
  });
  ForEachRowOutside<kSize>(arguments.rows, arguments.windows, [&](int64_t row) {
    for (int j = 0; j < kRow; ++j) {
      center(row, j, V::Load(normalized + row * size + j * V::kLanes), zero);
    }
  });
}

template <class V>
void ComputeNormalizeTangentBackward(
    const NormalizeTangentBackward<typename V::Scalar>& arguments) {
  WithWindowSize(arguments.windows, [&](auto size) {
    ForEachChannelBlock<V>(arguments.channels, [&](int64_t channel, auto row) {
      NormalizeChannelsTangentBackward<V, row, size>(arguments, channel);
    });
  });
}

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_NORMALIZE_KERNELS_H_
