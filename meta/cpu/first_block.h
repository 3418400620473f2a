// The first block: a convolution of few channels, its batch normalisation folded into its weights,
// ReLU, and perhaps a maximum.
//
// Of a patch p less its mean, with covariance C over the batch, a filter w gives q = w.p, which has
// mean 0 and variance w^T C w. So with r = 1 / sqrt(w^T C w + epsilon) and e = scale r w,
//   y = scale r q + shift = e.p + shift :
// normalisation costs no pass over the outputs, and these are cheap to compute again. With G = sum
// of g_y p, G_1 = sum of g_y and t = w.G, the rules are
//   g_shift = G_1     g_scale = r t     g_w = scale (r G - r^3 t C w)
//   r' = -r^3 (C w).w'                  e' = (scale' r + scale r') w + scale r w'
// and the derivatives of the first line along the direction. All exact.
#ifndef OUTERLOOP_META_CPU_FIRST_BLOCK_H_
#define OUTERLOOP_META_CPU_FIRST_BLOCK_H_

#include <cstdint>

#include "meta/cpu/block_inputs.h"
#include "meta/cpu/buffer.h"
#include "meta/cpu/kernels.h"
#include "meta/cpu/parameter_packing.h"
#include "meta/cpu/patches.h"

namespace outerloop::meta::cpu {

// A batch's patches, and the block's parameters folded with their statistics. K values a patch.
template <typename S>
struct FoldedBlock {
  Patches<S> patches;
  Buffer<S> weights;             // [K + 1, filters]: e, then shift.
  Buffer<S> inverse_deviation;   // r [filters]
  Buffer<S> covariance_weights;  // C w [K, filters]
  Buffer<S> patch_gradients;     // [K + 1, filters]: G, then G_1. From Backward.
};

// As FoldedBlock's, along a direction.
template <typename S>
struct FoldedTangent {
  Buffer<S> weights;             // [K + 1, filters]: e', then shift'.
  Buffer<S> inverse_deviation;   // r' [filters]
  Buffer<S> covariance_weights;  // C w' [K, filters]
};

// Immutable; pure; thread-safe.
template <typename S>
class FirstBlock {
 public:
  using Parameters = typename PackedParameters<S>::Block;

  // With `takes_maxima` the outputs are those of 2x2 windows of y each.
  FirstBlock(const PatchShape& shape, bool takes_maxima, int64_t filters, double epsilon,
             const Kernels<S>& kernels);

  const PatchShape& shape() const { return shape_; }
  int64_t filters() const { return filters_; }
  ImageSize outputs() const;
  int64_t output_size() const { return outputs().pixels() * filters_; }  // Of an image.

  // `images` is [num_images, channels, height, width].
  FoldedBlock<S> Fold(const Parameters& parameters, const S* images, int64_t num_images) const;
  // The same parameters folded with the statistics of `batch`'s images, over other images. Outputs
  // only: no rule can follow.
  FoldedBlock<S> FoldWithStatisticsOf(const FoldedBlock<S>& batch, const Parameters& parameters,
                                      const S* images, int64_t num_images) const;
  // The parameters' gradient, from `folded.patch_gradients`.
  void Backward(const Parameters& parameters, const FoldedBlock<S>& folded,
                const Parameters& gradient) const;

  FoldedTangent<S> FoldTangent(const Parameters& parameters, const Parameters& direction,
                               const FoldedBlock<S>& folded) const;
  // The tangent of Backward's gradient, from the tangent of the patch gradients.
  void TangentBackward(const Parameters& parameters, const Parameters& direction,
                       const FoldedBlock<S>& folded, const FoldedTangent<S>& tangent,
                       const Buffer<S>& patch_gradient_tangents, const Parameters& product) const;

  // a for a range of images.
  void Outputs(const FoldedBlock<S>& folded, ImageRange images, S* outputs) const;
  // a' where `outputs`, those of the same range, are positive, else 0.
  void OutputTangents(const FoldedBlock<S>& folded, const FoldedTangent<S>& tangent,
                      ImageRange images, const S* outputs, S* tangents) const;
  // Adds a range's part to G and G_1 (or their tangents), [K + 1, filters]. `gradients` is g_a
  // where a is positive, else 0; with maxima its values elsewhere do not matter.
  void AddPatchGradients(const FoldedBlock<S>& folded, ImageRange images, const S* gradients,
                         const Buffer<S>& sums) const;

 private:
  // C times weights [K, filters].
  Buffer<S> TimesCovariance(const Patches<S>& patches, const S* weights) const;
  void FoldWeights(const Parameters& parameters, FoldedBlock<S>& folded) const;

  // Output pixels of the convolution that lie side by side.
  struct PixelRange {
    int64_t first;
    int64_t count;
  };
  PixelRange Pixels(ImageRange images) const;
  void Map(const FoldedBlock<S>& folded, const Buffer<S>& weights, PixelRange pixels, bool rectify,
           const S* mask, S* outputs) const;
  void AddProducts(const FoldedBlock<S>& folded, PixelRange pixels, const S* gradients,
                   const Buffer<S>& sums) const;

  // Some rows of an image, whole windows, that stay in the first-level caches with what is made of
  // them.
  struct Band {
    PixelRange pixels;
    int64_t outputs;  // Where the band's begin among those of the range, in values.
    Windows windows;
  };
  // Calls body(band) for bands that make up all windows of the range.
  template <typename Body>
  void ForEachBand(ImageRange images, const Body& body) const;
  Buffer<S> MakeBandBuffer() const { return Buffer<S>(2 * shape_.outputs().width * filters_); }

  const PatchShape shape_;
  const bool takes_maxima_;
  const int64_t filters_;
  const double epsilon_;
  const Kernels<S>& kernels_;
};

// The second block's inputs: computed anew for every range, so that they never leave the cache.
template <typename S>
class FirstBlockOutputs final : public BlockInputs<S> {
 public:
  using GradientTarget = typename BlockInputs<S>::GradientTarget;

  // `tangent` may be null where no tangents are asked for, and so may `patch_gradients` [K + 1,
  // filters], to which the gradient's parts are added, where no gradient is. Ranges have up to
  // `most_images`.
  FirstBlockOutputs(const FirstBlock<S>& block, const FoldedBlock<S>& folded,
                    const FoldedTangent<S>* tangent, const Buffer<S>* patch_gradients,
                    int64_t most_images);

  const S* Values(ImageRange images) override;
  const S* Tangents(ImageRange images) override;
  GradientTarget Gradient(ImageRange images) override;
  void TakeGradient(ImageRange images) override;

 private:
  const FirstBlock<S>& block_;
  const FoldedBlock<S>& folded_;
  const FoldedTangent<S>* const tangent_;
  const Buffer<S>* const patch_gradients_;
  const Buffer<S> values_;
  const Buffer<S> tangents_;
  const Buffer<S> gradient_;
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_FIRST_BLOCK_H_
