// 2x2 maxima with ReLU. For files compiled for one instruction set.
#ifndef OUTERLOOP_META_CPU_POOL_KERNELS_H_
#define OUTERLOOP_META_CPU_POOL_KERNELS_H_

#include <cstdint>

#include "meta/cpu/kernels.h"
#include "meta/cpu/tiles.h"
#include "meta/cpu/window_rows.h"

namespace outerloop::meta::cpu {

// Calls body(window, offset of a register in every row) for all windows and channels.
template <class V, class Body>
[[gnu::always_inline]] inline void ForEachWindowRegister(int64_t rows, int64_t channels,
                                                         const Windows& windows, const Body& body) {
  ForEachWindow<4>(rows, windows, [&](const WindowRows<4>& window) {
    for (int64_t channel = 0; channel < channels; channel += V::kLanes) body(window, channel);
  });
}

template <class V>
[[gnu::always_inline]] inline Largest<V, 4> LargestInput(const typename V::Scalar* inputs,
                                                         int64_t channels,
                                                         const WindowRows<4>& window,
                                                         int64_t channel) {
  typename V::Register y[4];
  for (int k = 0; k < 4; ++k) y[k] = V::Load(inputs + window.rows[k] * channels + channel);
  return Largest<V, 4>(y);
}

template <class V>
void ComputePool(const Pool<typename V::Scalar>& arguments) {
  using Register = typename V::Register;
  const int64_t size = arguments.channels;
  const Register zero{};
  ForEachWindowRegister<V>(
      arguments.rows, size, arguments.windows, [&](const auto& window, int64_t channel) {
        const auto largest = LargestInput<V>(arguments.inputs, size, window, channel);
        const Register y = largest.value();
        const int64_t at = window.activation * size + channel;
        if (arguments.activations != nullptr) {
          V::Store(arguments.activations + at, y > zero ? y : zero);
        }
        if (arguments.activation_tangents == nullptr) return;
        Register tangents[4];
        for (int k = 0; k < 4; ++k) {
          tangents[k] = V::Load(arguments.tangents + window.rows[k] * size + channel);
        }
        V::Store(arguments.activation_tangents + at, y > zero ? largest.Select(tangents) : zero);
      });
}

template <class V>
void ComputePoolBackward(const PoolBackward<typename V::Scalar>& arguments) {
  using Register = typename V::Register;
  const int64_t size = arguments.channels;
  const Register zero{};
  ForEachWindowRegister<V>(
      arguments.rows, size, arguments.windows, [&](const auto& window, int64_t channel) {
        const auto largest = LargestInput<V>(arguments.inputs, size, window, channel);
        const Register g =
            V::Load(arguments.activation_gradient + window.activation * size + channel);
        Register to[4];
        largest.Spread(largest.value() > zero ? g : zero, to);
        for (int k = 0; k < 4; ++k) {
          V::Store(arguments.gradient + window.rows[k] * size + channel, to[k]);
        }
      });
  ForEachRowOutside<4>(arguments.rows, arguments.windows, [&](int64_t row) {
    for (int64_t channel = 0; channel < size; channel += V::kLanes) {
      V::Store(arguments.gradient + row * size + channel, zero);
    }
  });
}

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_POOL_KERNELS_H_
