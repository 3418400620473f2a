// A block of many channels: convolution, batch normalisation, ReLU.
#ifndef OUTERLOOP_META_CPU_CONVOLUTION_BLOCK_H_
#define OUTERLOOP_META_CPU_CONVOLUTION_BLOCK_H_

#include <cstdint>

#include "meta/cpu/block_inputs.h"
#include "meta/cpu/buffer.h"
#include "meta/cpu/geometry.h"
#include "meta/cpu/kernels.h"
#include "meta/cpu/parameter_packing.h"

namespace outerloop::meta::cpu {

// What the rules after Forward need. In the names of kernels.h; images are [images, output pixels,
// filters].
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

  ConvolutionBlock(ImageSize inputs, int64_t stride, int64_t channels, int64_t filters,
                   double epsilon, const Kernels<S>& kernels);

  ImageSize outputs() const { return geometry_.outputs(); }
  int64_t input_size() const { return geometry_.inputs().pixels() * channels_; }   // Of an image.
  int64_t output_size() const { return geometry_.outputs().pixels() * filters_; }  // Of an image.
  // The longest range that inputs are asked for, of a batch of `images`.
  int64_t MostImagesTogether(int64_t images) const;

  BlockRecord<S> MakeRecord(int64_t images) const;
  BlockTangent<S> MakeTangent(int64_t images) const;

  // Fills `record`, and a.
  void Forward(const Parameters& parameters, int64_t images, BlockInputs<S>& inputs,
               BlockRecord<S>& record, const Buffer<S>& activations) const;
  // a with the statistics of `batch`. `scratch` is as `activations`.
  void ForwardWithStatisticsOf(const BlockRecord<S>& batch, const Parameters& parameters,
                               int64_t images, BlockInputs<S>& inputs, const Buffer<S>& scratch,
                               const Buffer<S>& activations) const;
  // `gradients` is g_a before and g_z after.
  void Backward(const Parameters& parameters, int64_t images, BlockInputs<S>& inputs,
                const Buffer<S>& gradients, BlockRecord<S>& record,
                const Parameters& gradient) const;
  // Fills `tangent`, a once more, and a'.
  void TangentForward(const Parameters& parameters, const Parameters& direction, int64_t images,
                      BlockInputs<S>& inputs, const BlockRecord<S>& record,
                      BlockTangent<S>& tangent, const Buffer<S>& activations,
                      const Buffer<S>& activation_tangents) const;
  // `gradient_tangents` is g_a' before and g_z' after; `scratch` is as large.
  void TangentBackward(const Parameters& parameters, const Parameters& direction, int64_t images,
                       BlockInputs<S>& inputs, const BlockRecord<S>& record,
                       const BlockTangent<S>& tangent, const Buffer<S>& gradient_tangents,
                       const Buffer<S>& scratch, const Parameters& product) const;

 private:
  // Calls body(range) for ranges that make up 0 .. images - 1.
  template <typename Body>
  void ForEachRange(int64_t images, const Body& body) const;

  // Kernel arguments of a range, but for terms and what is written.
  Convolution<S> ForwardConvolution(int64_t images) const;
  Convolution<S> BackwardConvolution(int64_t images) const;
  WeightGradient<S> Weights(ImageRange images) const;
  int64_t Rows(int64_t images) const { return images * geometry_.outputs().pixels(); }

  const ConvolutionGeometry geometry_;
  const int64_t channels_;
  const int64_t filters_;
  const double epsilon_;
  const Kernels<S>& kernels_;
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_CONVOLUTION_BLOCK_H_
