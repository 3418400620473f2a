// A block of many channels: convolution, batch normalisation, ReLU, perhaps a maximum.
#ifndef OUTERLOOP_META_CPU_CONVOLUTION_BLOCK_H_
#define OUTERLOOP_META_CPU_CONVOLUTION_BLOCK_H_

#include <cstdint>

#include "meta/cpu/block_inputs.h"
#include "meta/cpu/buffer.h"
#include "meta/cpu/geometry.h"
#include "meta/cpu/kernels.h"
#include "meta/cpu/parameter_packing.h"

namespace outerloop::meta::cpu {

// What a block does with images of a size.
struct BlockShape {
  ImageSize image;
  int64_t stride = 2;         // Of the convolution.
  bool takes_maxima = false;  // Of 2x2 outputs each, after ReLU.
  int64_t channels = 64;
  int64_t filters = 64;

  ImageSize convolved() const { return OutputSize(image, stride); }
  ImageSize outputs() const {
    return takes_maxima ? ImageSize{convolved().height / 2, convolved().width / 2} : convolved();
  }
  Windows windows() const {
    return takes_maxima ? Windows{convolved().height, convolved().width} : Windows{};
  }
};

// What the rules after Forward need. In the names of kernels.h; images are [images, convolved
// pixels, filters].
template <typename S>
struct BlockRecord {
  Buffer<S> normalized;                // n
  Buffer<S> centered;                  // u, from Backward.
  Buffer<S> mean;                      // <z>, [filters] as all below.
  Buffer<S> inverse_deviation;         // r
  Buffer<S> mean_gradient;             // <g_y>, from Backward.
  Buffer<S> mean_gradient_normalized;  // <g_y n>, from Backward.
};

template <typename S>
struct BlockTangent {
  Buffer<S> normalized;   // n'
  Buffer<S> correlation;  // <z' n> [filters]
};

// The four rules, some images at a time where they read or write inputs, so that these stay in the
// second-level cache between kernels. Immutable; pure; thread-safe.
template <typename S>
class ConvolutionBlock {
 public:
  using Parameters = typename PackedParameters<S>::Block;

  ConvolutionBlock(const BlockShape& shape, double epsilon, const Kernels<S>& kernels);

  const BlockShape& shape() const { return shape_; }
  // Values of an image: of the block's inputs, of the convolution's outputs, of the block's
  // outputs.
  int64_t input_size() const { return shape_.image.pixels() * shape_.channels; }
  int64_t convolved_size() const { return shape_.convolved().pixels() * shape_.filters; }
  int64_t output_size() const { return shape_.outputs().pixels() * shape_.filters; }
  // The longest range that inputs are asked for, of a batch of `images`.
  int64_t MostImagesTogether(int64_t images) const;

  BlockRecord<S> MakeRecord(int64_t images) const;
  BlockTangent<S> MakeTangent(int64_t images) const;

  // Fills `record`, and a.
  void Forward(const Parameters& parameters, int64_t images, BlockInputs<S>& inputs,
               BlockRecord<S>& record, const Buffer<S>& activations) const;
  // a with the statistics of `batch`. `scratch` has convolved_size() an image, as below.
  void ForwardWithStatisticsOf(const BlockRecord<S>& batch, const Parameters& parameters,
                               int64_t images, BlockInputs<S>& inputs, const Buffer<S>& scratch,
                               const Buffer<S>& activations) const;
  // From g_a. `scratch` takes g_z, and may be g_a's buffer where the sizes are equal.
  void Backward(const Parameters& parameters, int64_t images, BlockInputs<S>& inputs,
                const Buffer<S>& activation_gradients, const Buffer<S>& scratch,
                BlockRecord<S>& record, const Parameters& gradient) const;
  // Fills `tangent`, a once more, and a'.
  void TangentForward(const Parameters& parameters, const Parameters& direction, int64_t images,
                      BlockInputs<S>& inputs, const BlockRecord<S>& record,
                      BlockTangent<S>& tangent, const Buffer<S>& activations,
                      const Buffer<S>& activation_tangents) const;
  // From g_a'. `scratch` takes g_z, `tangent_scratch` g_z'; this may be the buffer of g_a' where
  // the sizes are equal.
  void TangentBackward(const Parameters& parameters, const Parameters& direction, int64_t images,
                       BlockInputs<S>& inputs, const BlockRecord<S>& record,
                       const BlockTangent<S>& tangent,
                       const Buffer<S>& activation_gradient_tangents, const Buffer<S>& scratch,
                       const Buffer<S>& tangent_scratch, const Parameters& product) const;

 private:
  // Calls body(range) for ranges that make up 0 .. images - 1.
  template <typename Body>
  void ForEachRange(int64_t images, const Body& body) const;

  // Kernel arguments of a range, but for terms and what is written.
  Convolution<S> ForwardConvolution(int64_t images) const;
  Convolution<S> BackwardConvolution(int64_t images) const;
  WeightGradient<S> Weights(ImageRange images) const;
  int64_t Rows(int64_t images) const { return images * shape_.convolved().pixels(); }

  const BlockShape shape_;
  const ConvolutionGeometry geometry_;
  const double epsilon_;
  const Kernels<S>& kernels_;
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_CONVOLUTION_BLOCK_H_
