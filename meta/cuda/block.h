// What the kernels of a fused block read and write, and the seam to them.
#ifndef OUTERLOOP_META_CUDA_BLOCK_H_
#define OUTERLOOP_META_CUDA_BLOCK_H_

#include <cstdint>

#ifdef __CUDACC__
#define OUTERLOOP_ANYWHERE __host__ __device__
#else
#define OUTERLOOP_ANYWHERE
#endif

namespace outerloop::meta::cuda {

// Images lie in memory in the order image, row, column of pixels, task, channel. A column below is
// a channel of a task, T * C in all; the images of all columns are the same in number and size.
struct BlockShape {
  int images = 0;
  int height = 0;  // Pixels of the inputs.
  int width = 0;
  int columns = 0;
  int window =
      1;  // 2: outputs are the largest of 2x2 windows, whole ones only. 1: of single pixels.

  // Those at the right and lower border that are not whole, too.
  OUTERLOOP_ANYWHERE int windows_down() const { return (height + window - 1) / window; }
  OUTERLOOP_ANYWHERE int windows_across() const { return (width + window - 1) / window; }
  OUTERLOOP_ANYWHERE int windows() const { return images * windows_down() * windows_across(); }
  OUTERLOOP_ANYWHERE int output_height() const { return height / window; }
  OUTERLOOP_ANYWHERE int output_width() const { return width / window; }
  OUTERLOOP_ANYWHERE int pixels() const { return images * height * width; }  // Of a column.
};

// Pointers into the device's memory. A rule reads and writes what stands beside it, and what the
// rules before it have written; the rest may be null.
template <typename Real>
struct Block {
  BlockShape shape;
  Real epsilon = 0;  // Added to the variance.

  // Images, and one number a column.
  const Real* inputs = nullptr;
  const Real* scale = nullptr;
  const Real* shift = nullptr;

  // Forward: writes these.
  Real* mean = nullptr;
  Real* inverse_deviation = nullptr;  // 1 / sqrt(variance + epsilon)
  Real* outputs = nullptr;

  // Backward: reads the first, writes the others; the inputs' gradient where it is not null.
  const Real* output_gradient = nullptr;
  Real* shift_gradient = nullptr;
  Real* scale_gradient = nullptr;
  Real* input_gradient = nullptr;

  // Tangent forward: reads three, writes three.
  const Real* input_tangent = nullptr;
  const Real* scale_tangent = nullptr;
  const Real* shift_tangent = nullptr;
  Real* input_tangent_sum = nullptr;  // Over a column's pixels.
  Real* correlation_sum = nullptr;    // Of the tangent times the normalised input.
  Real* output_tangent = nullptr;

  // Tangent backward: as backward.
  const Real* output_gradient_tangent = nullptr;
  Real* shift_gradient_tangent = nullptr;
  Real* scale_gradient_tangent = nullptr;
  Real* input_gradient_tangent = nullptr;

  // For sums on their way: kWorkspacePerColumn numbers a column.
  Real* workspace = nullptr;
};

inline constexpr int kWorkspacePerColumn = 128;

enum class BlockRule {
  kForward,
  kForwardWithStatistics,  // With the mean and deviation that are there.
  kBackward,
  kTangentForward,
  kTangentBackward,
};

// Runs rules (block_rules.h). The same bits every time, for a column whatever the others are.
// Immutable; thread-safe.
class BlockKernels {
 public:
  virtual ~BlockKernels() = default;
  // Queued on the calling thread's current stream, where there are streams.
  virtual void Run(BlockRule rule, const Block<float>& block) const = 0;
  virtual void Run(BlockRule rule, const Block<double>& block) const = 0;
};

}  // namespace outerloop::meta::cuda

#endif  // OUTERLOOP_META_CUDA_BLOCK_H_
