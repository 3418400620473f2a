// The arithmetic of the CPU back end: a table of functions, compiled once for each instruction set.
//
// Images are channels last: [images, pixels, channels]. Weights are [taps, channels, filters], so
// that a register holds neighbouring filters. Everything that is added up is added in an order that
// depends only on the shapes of one task: no kernel knows of other tasks or threads.
//
// Arguments are plain structs of pointers: the files that implement the table are compiled for an
// instruction set that the rest of the program may not use, so they share no function with it.
#ifndef OUTERLOOP_META_CPU_KERNELS_H_
#define OUTERLOOP_META_CPU_KERNELS_H_

#include <cstdint>

namespace outerloop::meta::cpu {

// One of the taps that a target pixel sums over: the source pixel, counted from the position's own,
// and the number of the weight, 0 to 8.
struct Tap {
  int32_t source;
  int32_t weight;
};

// A source pixel and a target pixel of one image.
struct Position {
  int32_t source;
  int32_t target;
};

// Target pixels of an image that sum over the same taps, none of which lies in the padding.
struct PositionGroup {
  const Tap* taps;
  int64_t num_taps;
  const Position* positions;
  int64_t num_positions;
};

// target[position, f] = bias[f] + sum over terms, taps, channels of
//                       source[position + tap, c] * weight[tap, c, f],
// then max(0, .) with `rectify`, then 0 where mask <= 0. Pixels in no group are left alone.
// A convolution's tangent x' W + x W' is one call with two terms.
template <typename S>
struct Convolution {
  struct Term {
    const S* sources;  // [images, source_pixels, source_stride], of which `channels` are read.
    const S* weights;  // [taps, channels, filters]
  };

  const PositionGroup* groups;
  int64_t num_groups;
  int64_t images;
  int64_t source_pixels;
  int64_t source_stride;
  int64_t target_pixels;
  int64_t channels;
  int64_t filters;  // A multiple of the lanes.
  Term terms[2];
  int num_terms = 1;
  const S* bias = nullptr;  // [filters]; null for zero.
  const S* mask = nullptr;  // As `targets`; null for none.
  bool rectify = false;
  S* targets;  // [images, target_pixels, filters]
};

// The pixels that one tap joins.
struct PositionList {
  const Position* positions;
  int64_t num_positions;
};

// gradient[tap, c, f] = sum over terms, images, positions of the tap of
//                       source[position, c] * target_gradient[position, f].
template <typename S>
struct WeightGradient {
  struct Term {
    const S* sources;           // [images, source_pixels, source_stride]
    const S* target_gradients;  // [images, target_pixels, filters]
  };

  const PositionList* taps;
  int64_t num_taps;
  int64_t images;
  int64_t source_pixels;
  int64_t source_stride;
  int64_t target_pixels;
  int64_t channels;
  int64_t filters;  // A multiple of the lanes.
  Term terms[2];
  int num_terms = 1;
  bool add = false;  // To what `gradient` holds already.
  S* gradient;       // [taps, channels, filters]
};

// Which rows of an image have an activation in common: those of 2x2 windows side by side, of which
// the largest y counts, the first of equals in reading order. An odd last row or column of pixels
// is in no window. By default every row has an activation of its own.
struct Windows {
  int64_t height = 0;  // Pixels of an image, >= 2; 0 by default.
  int64_t width = 0;

  // Activations of `rows` rows, which are whole images.
  constexpr int64_t count(int64_t rows) const {
    return width == 0 ? rows : rows / (height * width) * (height / 2) * (width / 2);
  }
};

// Batch normalisation with ReLU, over `rows` = images x pixels of each of `channels`, a multiple of
// the lanes. With z the inputs, <a> the mean of a over the rows, and g_a the gradient of a:
//   r = 1 / sqrt(<(z - <z>)^2> + epsilon)   n = (z - <z>) r   y = scale n + shift
//   a = max(0, the largest y of a window)   g_y = g_a at that y if it is positive, else 0
//   u = g_y - <g_y> - n <g_y n>             g_z = scale r u
// All other rules are derivatives of these. Pointers to one value a channel unless noted; [windows]
// is the number of activations.
template <typename S>
struct Statistics {
  int64_t rows;
  int64_t channels;
  const S* inputs;  // z [rows, channels]
  double epsilon;
  S* mean;               // <z>
  S* inverse_deviation;  // r
};

template <typename S>
struct Normalize {
  int64_t rows;
  int64_t channels;
  const S* mean;
  const S* inverse_deviation;
  const S* scale;
  const S* shift;
  S* values;       // [rows, channels]: z before, n after.
  S* activations;  // a [windows, channels]
  Windows windows = {};
};

template <typename S>
struct NormalizeBackward {
  int64_t rows;
  int64_t channels;
  const S* normalized;  // n [rows, channels]
  const S* inverse_deviation;
  const S* scale;
  const S* shift;
  const S* activation_gradient;  // g_a [windows, channels]
  S* gradient;                   // g_z [rows, channels]; may be g_a where every row is a window.
  S* centered;                   // u [rows, channels]
  S* mean_gradient;              // <g_y>
  S* mean_gradient_normalized;   // <g_y n>
  S* scale_gradient;             // sum of g_y n
  S* shift_gradient;             // sum of g_y
  Windows windows = {};
};

// n' = r (z' - <z'> - n <z' n>),   y' = scale' n + scale n' + shift',   a' = y' where a is from if
// that is positive, else 0.
template <typename S>
struct NormalizeTangent {
  int64_t rows;
  int64_t channels;
  const S* normalized;  // n [rows, channels]
  const S* inverse_deviation;
  const S* scale;
  const S* shift;
  const S* scale_tangent;
  const S* shift_tangent;
  S* tangent;              // [rows, channels]: z' before, n' after.
  S* correlation;          // <z' n>; r' = -r^2 <z' n>.
  S* activations;          // a [windows, channels]
  S* activation_tangents;  // a' [windows, channels]
  Windows windows = {};
};

// With g_y' = g_a' where g_y has g_a, else 0:
//   u' = g_y' - <g_y'> - n' <g_y n> - n <g_y n>',   <g_y n>' = <g_y' n + g_y n'>,
//   g_z' = (scale r)' u + scale r u'.
template <typename S>
struct NormalizeTangentBackward {
  int64_t rows;
  int64_t channels;
  const S* normalized;          // n [rows, channels]
  const S* normalized_tangent;  // n' [rows, channels]
  const S* centered;            // u [rows, channels]
  const S* mean_gradient;
  const S* mean_gradient_normalized;
  const S* inverse_deviation;
  const S* correlation;
  const S* scale;
  const S* shift;
  const S* scale_tangent;
  const S* activation_gradient_tangent;  // g_a' [windows, channels]
  S* gradient_tangent;        // g_z' [rows, channels]; may be g_a' where every row is a window.
  S* gradient;                // g_z [rows, channels]
  S* scale_gradient_tangent;  // sum of (g_y n)'
  S* shift_gradient_tangent;  // sum of g_y'
  Windows windows = {};
};

// The maxima of windows alone, for y that is computed otherwise. `windows` is of images, not the
// default.
template <typename S>
struct Pool {
  int64_t rows;
  int64_t channels;
  Windows windows;
  const S* inputs;         // y [rows, channels]
  const S* tangents;       // y' [rows, channels]; null if activation_tangents is.
  S* activations;          // a [windows, channels]; null for none.
  S* activation_tangents;  // a' [windows, channels]; null for none.
};

template <typename S>
struct PoolBackward {
  int64_t rows;
  int64_t channels;
  Windows windows;
  const S* inputs;               // y [rows, channels]
  const S* activation_gradient;  // g_a [windows, channels]
  S* gradient;                   // g_y [rows, channels]
};

// to[to_rows[j] + i] = from[from_rows[i] + j]: a transposition between matrices whose rows may lie
// anywhere.
template <typename S>
struct Transpose {
  int64_t rows;     // Of `from`.
  int64_t columns;  // Of `from`.
  const S* from;
  const int32_t* from_rows;  // [rows]
  S* to;
  const int32_t* to_rows;  // [columns]
};

// Thread-safe and pure: a kernel writes what its arguments name, and nothing else.
template <typename S>
struct Kernels {
  int lanes;  // Values in a register.
  void (*convolve)(const Convolution<S>&);
  void (*weight_gradient)(const WeightGradient<S>&);
  void (*statistics)(const Statistics<S>&);
  void (*normalize)(const Normalize<S>&);
  void (*normalize_backward)(const NormalizeBackward<S>&);
  void (*normalize_tangent)(const NormalizeTangent<S>&);
  void (*normalize_tangent_backward)(const NormalizeTangentBackward<S>&);
  void (*pool)(const Pool<S>&);
  void (*pool_backward)(const PoolBackward<S>&);
  void (*transpose)(const Transpose<S>&);
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_KERNELS_H_
