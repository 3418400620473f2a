// Batch normalisation, ReLU and, where it is wanted, the largest of each 2x2 window as one layer:
// the arithmetic of its four rules (layer.h), for a window of one channel at a time. CUDA threads
// and tests on the host run the same text.
//
// In the names of batch_norm.cc, with <a> the mean over a channel of a task: n = (x - <x>) r,
// y = scale n + shift, and the output is max(y, 0) or the largest such of a window. A window's
// winner is the first pixel in reading order with the largest y, if that is above 0: all
// derivatives go through it. With g the output's gradient at the winner and 0 elsewhere,
//   g_shift = sum g,   g_scale = sum g n,   g_x = scale r (g - <g> - n <g n>),
//   n' = r (x' - <x'> - n <x' n>),          r' = -r^2 <x' n>,
//   output' = scale' n + shift' + scale n' at the winner, 0 if there is none,
// and the tangents of the first line as batch_norm.cc has them. Neither n nor a winner is kept:
// both are worked out anew, which costs less than to fetch them. Where y is NaN, so are outputs and
// gradients.
#ifndef OUTERLOOP_META_CUDA_BLOCK_RULES_H_
#define OUTERLOOP_META_CUDA_BLOCK_RULES_H_

#include <cmath>
#include <cstdint>

#include "meta/cuda/block.h"

namespace outerloop::meta::cuda {

// ---- Windows

// One window of a column. Its first pixel is in the image; others may lie beyond its border.
struct Window {
  int column;
  int64_t first;     // Element of the first pixel.
  int rows, across;  // Pixels of it that are in the image, each way.
  int64_t output;    // Element of the output; -1 for a window that is not whole.
};

// `number` < shape.windows(), in reading order, image after image.
OUTERLOOP_ANYWHERE inline Window WindowAt(const BlockShape& shape, int number, int column) {
  const int across = shape.windows_across(), down = shape.windows_down();
  const int j = number % across, i = number / across % down, image = number / across / down;
  const int row = i * shape.window, left = j * shape.window;
  const int rows_left = shape.height - row, columns_left = shape.width - left;
  Window window;
  window.column = column;
  window.first =
      ((int64_t{image} * shape.height + row) * shape.width + left) * shape.columns + column;
  window.rows = rows_left < shape.window ? rows_left : shape.window;
  window.across = columns_left < shape.window ? columns_left : shape.window;
  const bool whole = window.rows == shape.window && window.across == shape.window;
  window.output = whole ? ((int64_t{image} * shape.output_height() + i) * shape.output_width() +
                           j) * shape.columns +
                              column
                        : -1;
  return window;
}

// The element of a window's pixel `k`, in reading order; -1 if that is not in the image.
template <int kWindow>
OUTERLOOP_ANYWHERE int64_t PixelOf(const BlockShape& shape, const Window& window, int k) {
  const int i = k / kWindow, j = k % kWindow;
  if (i >= window.rows || j >= window.across) return -1;
  return window.first + (int64_t{i} * shape.width + j) * shape.columns;
}

// ---- What rules share

template <typename Real>
struct Pair {
  Real first;
  Real second;

  OUTERLOOP_ANYWHERE void Add(const Pair& other) {
    first += other.first;
    second += other.second;
  }
};

template <typename Real, int kWindow>
struct Activation {
  Real normalized[kWindow * kWindow];  // n of the pixels that are in the image.
  Real largest = 0;
  int winner = -1;
  Real winning = 0;  // n of the winner: registers have no index.
};

template <typename Real>
OUTERLOOP_ANYWHERE Real Normalized(const Block<Real>& block, int64_t pixel, int column) {
  return (block.inputs[pixel] - block.mean[column]) * block.inverse_deviation[column];
}

template <typename Real, int kWindow>
OUTERLOOP_ANYWHERE Activation<Real, kWindow> Activate(const Block<Real>& block,
                                                      const Window& window) {
  Activation<Real, kWindow> found;
  for (int k = 0; k < kWindow * kWindow; ++k) {
    const int64_t pixel = PixelOf<kWindow>(block.shape, window, k);
    if (pixel < 0) continue;
    found.normalized[k] = Normalized(block, pixel, window.column);
    const Real y = block.scale[window.column] * found.normalized[k] + block.shift[window.column];
    const bool is_first_nan = !(y == y) && found.largest == found.largest;
    if (window.output >= 0 && (y > found.largest || is_first_nan)) {
      found.largest = y;
      found.winner = k;
      found.winning = found.normalized[k];
    }
  }
  return found;
}

template <typename Real>
OUTERLOOP_ANYWHERE Real Mean(const Block<Real>& block, const Real* sums, int column) {
  return sums[column] / static_cast<Real>(block.shape.pixels());
}

// n' of a pixel whose n is `normalized`.
template <typename Real>
OUTERLOOP_ANYWHERE Real NormalizedTangent(const Block<Real>& block, int64_t pixel, int column,
                                          Real normalized) {
  const Real centered = block.input_tangent[pixel] - Mean(block, block.input_tangent_sum, column) -
                        normalized * Mean(block, block.correlation_sum, column);
  return block.inverse_deviation[column] * centered;
}

// ---- Sums over a column: Terms of a window, and Finish with the sum over all windows

template <typename Real, int kWindow>
struct MeanSum {
  static OUTERLOOP_ANYWHERE Pair<Real> Terms(const Block<Real>& block, const Window& window) {
    Pair<Real> sum{};
    for (int k = 0; k < kWindow * kWindow; ++k) {
      const int64_t pixel = PixelOf<kWindow>(block.shape, window, k);
      if (pixel >= 0) sum.first += block.inputs[pixel];
    }
    return sum;
  }
  static OUTERLOOP_ANYWHERE void Finish(const Block<Real>& block, int column,
                                        const Pair<Real>& sum) {
    block.mean[column] = sum.first / static_cast<Real>(block.shape.pixels());
  }
};

template <typename Real, int kWindow>
struct DeviationSum {
  static OUTERLOOP_ANYWHERE Pair<Real> Terms(const Block<Real>& block, const Window& window) {
    Pair<Real> sum{};
    for (int k = 0; k < kWindow * kWindow; ++k) {
      const int64_t pixel = PixelOf<kWindow>(block.shape, window, k);
      if (pixel < 0) continue;
      const Real centered = block.inputs[pixel] - block.mean[window.column];
      sum.first += centered * centered;
    }
    return sum;
  }
  static OUTERLOOP_ANYWHERE void Finish(const Block<Real>& block, int column,
                                        const Pair<Real>& sum) {
    const Real variance = sum.first / static_cast<Real>(block.shape.pixels());
    block.inverse_deviation[column] = Real{1} / std::sqrt(variance + block.epsilon);
  }
};

template <typename Real, int kWindow>
struct GradientSum {
  static OUTERLOOP_ANYWHERE Pair<Real> Terms(const Block<Real>& block, const Window& window) {
    const Activation<Real, kWindow> found = Activate<Real, kWindow>(block, window);
    if (found.winner < 0) return {0, 0};
    const Real gradient = block.output_gradient[window.output];
    return {gradient, gradient * found.winning};
  }
  static OUTERLOOP_ANYWHERE void Finish(const Block<Real>& block, int column,
                                        const Pair<Real>& sum) {
    block.shift_gradient[column] = sum.first;
    block.scale_gradient[column] = sum.second;
  }
};

template <typename Real, int kWindow>
struct TangentSum {
  static OUTERLOOP_ANYWHERE Pair<Real> Terms(const Block<Real>& block, const Window& window) {
    Pair<Real> sum{};
    for (int k = 0; k < kWindow * kWindow; ++k) {
      const int64_t pixel = PixelOf<kWindow>(block.shape, window, k);
      if (pixel < 0) continue;
      const Real tangent = block.input_tangent[pixel];
      sum.Add({tangent, tangent * Normalized(block, pixel, window.column)});
    }
    return sum;
  }
  static OUTERLOOP_ANYWHERE void Finish(const Block<Real>& block, int column,
                                        const Pair<Real>& sum) {
    block.input_tangent_sum[column] = sum.first;
    block.correlation_sum[column] = sum.second;
  }
};

template <typename Real, int kWindow>
struct GradientTangentSum {
  static OUTERLOOP_ANYWHERE Pair<Real> Terms(const Block<Real>& block, const Window& window) {
    const Activation<Real, kWindow> found = Activate<Real, kWindow>(block, window);
    if (found.winner < 0) return {0, 0};
    const Real n = found.winning;
    const int64_t pixel = PixelOf<kWindow>(block.shape, window, found.winner);
    const Real gradient_tangent = block.output_gradient_tangent[window.output];
    return {gradient_tangent,
            gradient_tangent * n + block.output_gradient[window.output] *
                                       NormalizedTangent(block, pixel, window.column, n)};
  }
  static OUTERLOOP_ANYWHERE void Finish(const Block<Real>& block, int column,
                                        const Pair<Real>& sum) {
    block.shift_gradient_tangent[column] = sum.first;
    block.scale_gradient_tangent[column] = sum.second;
  }
};

// ---- What is written for each window, given the sums

template <typename Real, int kWindow>
struct WriteOutput {
  static OUTERLOOP_ANYWHERE void Apply(const Block<Real>& block, const Window& window) {
    if (window.output < 0) return;
    block.outputs[window.output] = Activate<Real, kWindow>(block, window).largest;
  }
};

template <typename Real, int kWindow>
struct WriteInputGradient {
  static OUTERLOOP_ANYWHERE void Apply(const Block<Real>& block, const Window& window) {
    const int c = window.column;
    const Activation<Real, kWindow> found = Activate<Real, kWindow>(block, window);
    const Real factor = block.scale[c] * block.inverse_deviation[c];
    for (int k = 0; k < kWindow * kWindow; ++k) {
      const int64_t pixel = PixelOf<kWindow>(block.shape, window, k);
      if (pixel < 0) continue;
      const Real own = k == found.winner ? block.output_gradient[window.output] : Real{0};
      block.input_gradient[pixel] =
          factor * (own - Mean(block, block.shift_gradient, c) -
                    found.normalized[k] * Mean(block, block.scale_gradient, c));
    }
  }
};

template <typename Real, int kWindow>
struct WriteOutputTangent {
  static OUTERLOOP_ANYWHERE void Apply(const Block<Real>& block, const Window& window) {
    if (window.output < 0) return;
    const int c = window.column;
    const Activation<Real, kWindow> found = Activate<Real, kWindow>(block, window);
    Real tangent = 0;
    if (found.winner >= 0) {
      const Real n = found.winning;
      const int64_t pixel = PixelOf<kWindow>(block.shape, window, found.winner);
      tangent = block.scale_tangent[c] * n + block.shift_tangent[c] +
                block.scale[c] * NormalizedTangent(block, pixel, c, n);
    }
    block.output_tangent[window.output] = tangent;
  }
};

template <typename Real, int kWindow>
struct WriteInputGradientTangent {
  static OUTERLOOP_ANYWHERE void Apply(const Block<Real>& block, const Window& window) {
    const Activation<Real, kWindow> found = Activate<Real, kWindow>(block, window);
    for (int k = 0; k < kWindow * kWindow; ++k) {
      const int64_t pixel = PixelOf<kWindow>(block.shape, window, k);
      if (pixel < 0) continue;
      const bool wins = k == found.winner;
      block.input_gradient_tangent[pixel] =
          Tangent(block, pixel, window.column, found.normalized[k],
                  wins ? block.output_gradient[window.output] : Real{0},
                  wins ? block.output_gradient_tangent[window.output] : Real{0});
    }
  }

 private:
  // (scale r)' u + scale r u', where u = g - <g> - n <g n>.
  static OUTERLOOP_ANYWHERE Real Tangent(const Block<Real>& block, int64_t pixel, int c, Real n,
                                         Real g, Real g_tangent) {
    const Real r = block.inverse_deviation[c];
    const Real r_tangent = -r * r * Mean(block, block.correlation_sum, c);
    const Real factor_tangent = block.scale_tangent[c] * r + block.scale[c] * r_tangent;
    const Real n_tangent = NormalizedTangent(block, pixel, c, n);
    const Real mean_gn = Mean(block, block.scale_gradient, c);
    const Real u = g - Mean(block, block.shift_gradient, c) - n * mean_gn;
    const Real u_tangent = g_tangent - Mean(block, block.shift_gradient_tangent, c) -
                           n_tangent * mean_gn - n * Mean(block, block.scale_gradient_tangent, c);
    return factor_tangent * u + block.scale[c] * r * u_tangent;
  }
};

// ---- The rules

// Runs a rule by `executor`, which has
//   template <typename Pass, typename Real> void Sum(const Block<Real>&)    Terms and Finish
//   template <typename Pass, typename Real> void Apply(const Block<Real>&)  Apply of every window
// each of which is done before the next begins.
template <int kWindow, typename Real, typename Executor>
void RunRule(BlockRule rule, const Block<Real>& block, const Executor& executor) {
  switch (rule) {
    case BlockRule::kForward:
      executor.template Sum<MeanSum<Real, kWindow>>(block);
      executor.template Sum<DeviationSum<Real, kWindow>>(block);
      executor.template Apply<WriteOutput<Real, kWindow>>(block);
      break;
    case BlockRule::kForwardWithStatistics:
      executor.template Apply<WriteOutput<Real, kWindow>>(block);
      break;
    case BlockRule::kBackward:
      executor.template Sum<GradientSum<Real, kWindow>>(block);
      if (block.input_gradient == nullptr) break;
      executor.template Apply<WriteInputGradient<Real, kWindow>>(block);
      break;
    case BlockRule::kTangentForward:
      executor.template Sum<TangentSum<Real, kWindow>>(block);
      executor.template Apply<WriteOutputTangent<Real, kWindow>>(block);
      break;
    case BlockRule::kTangentBackward:
      executor.template Sum<GradientTangentSum<Real, kWindow>>(block);
      if (block.input_gradient_tangent == nullptr) break;
      executor.template Apply<WriteInputGradientTangent<Real, kWindow>>(block);
      break;
  }
}

template <typename Real, typename Executor>
void RunRule(BlockRule rule, const Block<Real>& block, const Executor& executor) {
  if (block.shape.window == 1) {
    RunRule<1>(rule, block, executor);
  } else {
    RunRule<2>(rule, block, executor);
  }
}

}  // namespace outerloop::meta::cuda

#endif  // OUTERLOOP_META_CUDA_BLOCK_RULES_H_
