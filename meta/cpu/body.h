// The blocks of the four-block network, a task at a time: all but what judges its features.
#ifndef OUTERLOOP_META_CPU_BODY_H_
#define OUTERLOOP_META_CPU_BODY_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "meta/cpu/convolution_block.h"
#include "meta/cpu/first_block.h"
#include "meta/cpu/kernels.h"
#include "meta/cpu/parameter_packing.h"

namespace outerloop::meta::cpu {

struct BodyOptions {
  int64_t channels = 1;
  ImageSize image = {28, 28};
  int64_t filters = 64;       // A multiple of the kernels' lanes.
  int64_t blocks = 4;         // At least 2.
  int64_t stride = 2;         // Of each block's convolution.
  bool takes_maxima = false;  // Of 2x2 outputs of each block, after ReLU.
  double epsilon = 1e-5;
};

// What the first rules leave for those after them: of B images, the parameters (shared with other
// tasks that start from the same), the patches, and two values for every output of the later
// blocks. Four blocks of 64 filters on 28 x 28 in single precision: 49 KB an image and 0.8 MB a set
// of parameters.
template <typename S>
struct BodyRecord {
  std::shared_ptr<const PackedParameters<S>> parameters;
  int64_t images = 0;
  FoldedBlock<S> first;
  std::vector<BlockRecord<S>> later;
};

// One value for every output of every block: a, a' or g_a. [images, pixels, filters] for each, but
// empty for the first where its outputs are computed anew for every range of images.
template <typename S>
using Activations = std::vector<Buffer<S>>;

// Memory that the rules work in, for tasks of up to so many images: reused from task to task, so
// that it stays in the cache. For one thread.
template <typename S>
struct BackwardWorkspace {
  Activations<S> gradients;  // g_a or g_a'; without maxima g_z or g_z' afterwards.
  Buffer<S> convolved;       // With maxima g_z or g_z', as the second block's; else empty.
};
template <typename S>
struct TangentWorkspace {
  FoldedTangent<S> first;
  Activations<S> values;
  Activations<S> tangents;
  std::vector<BlockTangent<S>> blocks;  // The later ones.
  Buffer<S> convolved;                  // g_z, as the second block's.
};

// The four rules. Activations' last part is the body's outputs, or their tangents or gradients.
// Immutable; pure; thread-safe with a workspace for each thread. Images are [images, channels,
// height, width].
template <typename S>
class Body {
 public:
  Body(const BodyOptions& options, const Kernels<S>& kernels);

  // Of the parameters, with a classifier of `ways` behind it, or none with 0.
  NetworkShape ShapeWith(int64_t ways) const;
  Activations<S> MakeActivations(int64_t images) const;
  BackwardWorkspace<S> MakeBackwardWorkspace(int64_t images) const;
  TangentWorkspace<S> MakeTangentWorkspace(int64_t images) const;

  // Fills `values` and `record`.
  void Forward(std::shared_ptr<const PackedParameters<S>> parameters, const S* images,
               int64_t num_images, const Activations<S>& values, BodyRecord<S>& record) const;
  // Fills `values` with the parameters and the statistics of `batch`.
  void ForwardWithStatisticsOf(const BodyRecord<S>& batch, const S* images, int64_t num_images,
                               const Activations<S>& values) const;
  // From the last of `workspace.gradients`. `values` are Forward's. Fills the blocks of `gradient`.
  void Backward(const Activations<S>& values, const BackwardWorkspace<S>& workspace,
                BodyRecord<S>& record, const PackedParameters<S>& gradient) const;

  // Fills `tangent`: values once more, and tangents. `record` is of Forward and Backward.
  void TangentForward(const BodyRecord<S>& record, const PackedParameters<S>& direction,
                      TangentWorkspace<S>& tangent) const;
  // From the last of `workspace.gradients`, here g_a'. Fills the blocks of `product`.
  void TangentBackward(const BodyRecord<S>& record, const PackedParameters<S>& direction,
                       const TangentWorkspace<S>& tangent, const BackwardWorkspace<S>& workspace,
                       const PackedParameters<S>& product) const;

 private:
  // What later blocks read and write, and what the first computes for the second and takes from
  // it. Parts that a rule has no use for are null.
  struct Pass {
    const FoldedBlock<S>& first;
    const Activations<S>& values;
    const FoldedTangent<S>* first_tangent = nullptr;
    const Activations<S>* tangents = nullptr;
    const Buffer<S>* patch_gradients = nullptr;
    const Activations<S>* gradients = nullptr;
  };
  // Maxima make outputs small beside the work that they take: these are kept, from the way there
  // for the way back. Others are computed anew for every range.
  bool keeps_first_outputs() const { return options_.takes_maxima; }
  // Calls run(inputs) with those of later block `index`, for `images`.
  template <typename Run>
  void WithInputs(size_t index, int64_t images, const Pass& pass, const Run& run) const;
  // Where g_z of later block `index`, or g_z', goes.
  const Buffer<S>& ConvolvedGradients(size_t index, const BackwardWorkspace<S>& workspace) const;
  Buffer<S> ZeroPatchGradients() const;

  const BodyOptions options_;
  const FirstBlock<S> first_;
  const std::vector<std::unique_ptr<const ConvolutionBlock<S>>> later_;  // From the second on.
  const int64_t lanes_;
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_BODY_H_
