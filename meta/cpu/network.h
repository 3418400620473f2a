// The four-block network, a task at a time.
#ifndef OUTERLOOP_META_CPU_NETWORK_H_
#define OUTERLOOP_META_CPU_NETWORK_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "meta/cpu/classifier.h"
#include "meta/cpu/convolution_block.h"
#include "meta/cpu/first_block.h"
#include "meta/cpu/kernels.h"
#include "meta/cpu/parameter_packing.h"
#include "meta/parameters.h"

namespace outerloop::meta::cpu {

struct NetworkOptions {
  int64_t channels = 1;
  ImageSize image = {28, 28};
  int64_t filters = 64;  // A multiple of the kernels' lanes.
  int64_t ways = 5;
  int64_t blocks = 4;         // At least 2.
  int64_t stride = 2;         // Of each block's convolution.
  bool takes_maxima = false;  // Of 2x2 outputs of each block, after ReLU.
  double epsilon = 1e-5;
};

// What the first four rules leave for the tangents: of B images, the parameters (shared with other
// tasks that start from the same), the patches, and two values for every output of the later
// blocks. Four blocks of 64 filters on 28 x 28 in single precision: 49 KB an image and 0.8 MB a set
// of parameters.
template <typename S>
struct TaskRecord {
  std::shared_ptr<const PackedParameters<S>> parameters;
  int64_t images = 0;
  FoldedBlock<S> first;
  std::vector<BlockRecord<S>> later;
  ClassifierRecord<S> classifier;
};

// Memory that a rule works in, for tasks of up to `images`: reused from task to task, so that it
// stays in the cache. For one thread.
template <typename S>
struct Workspace {
  struct Activations {
    Buffer<S> values;     // a
    Buffer<S> tangents;   // a'
    Buffer<S> gradients;  // g_a or g_a'; without maxima g_z or g_z' afterwards.
  };

  Activations first;  // Empty where the first block's outputs are computed anew for every range.
  std::vector<Activations> later;
  std::vector<BlockTangent<S>> tangents;  // Of the later blocks.
  Buffer<S> scratch;                      // As the convolution's outputs in the second block.
  Buffer<S> tangent_scratch;              // The same; empty without maxima.
  Buffer<S> logits;                       // [images, padded ways]
  PackedParameters<S> parameters;         // Where a direction is packed.
  PackedParameters<S> gradient;           // Without transposed parts.
};

// Immutable; pure; thread-safe with a workspace for each thread. Images are [images, channels,
// height, width].
template <typename S>
class Network {
 public:
  // `layout` is the parameters'.
  Network(const NetworkOptions& options, const ParameterLayout& layout, const Kernels<S>& kernels);

  const ParameterPacking<S>& packing() const { return packing_; }
  int64_t ways() const { return shape_.ways; }
  int64_t padded_ways() const { return shape_.padded_ways; }
  Workspace<S> MakeWorkspace(int64_t images) const;

  // Forward and backward. Returns the mean loss; leaves logits and gradient in `workspace`, and in
  // `record` what HessianVectorProduct needs.
  S Differentiate(std::shared_ptr<const PackedParameters<S>> parameters, const S* images,
                  const int64_t* targets, int64_t num_images, Workspace<S>& workspace,
                  TaskRecord<S>& record) const;
  // The Hessian times `direction`, left in `workspace.gradient`. May be called again and again.
  void HessianVectorProduct(const TaskRecord<S>& record, const PackedParameters<S>& direction,
                            Workspace<S>& workspace) const;

  // Leave logits in `workspace`: with the images' own statistics, and with those of others.
  void Predict(const PackedParameters<S>& parameters, const S* images, int64_t num_images,
               Workspace<S>& workspace) const;
  void PredictInductively(const PackedParameters<S>& parameters, const S* support,
                          int64_t num_support, const S* images, int64_t num_images,
                          Workspace<S>& workspace) const;

 private:
  // Forward through all blocks; leaves the last one's activations in `workspace`.
  void Forward(const PackedParameters<S>& parameters, const S* images, int64_t num_images,
               Workspace<S>& workspace, TaskRecord<S>& record) const;
  void Backward(const PackedParameters<S>& parameters, Workspace<S>& workspace,
                TaskRecord<S>& record) const;
  void TangentForward(const TaskRecord<S>& record, const PackedParameters<S>& direction,
                      const FoldedTangent<S>& first, Workspace<S>& workspace) const;
  void TangentBackward(const TaskRecord<S>& record, const PackedParameters<S>& direction,
                       const FoldedTangent<S>& first, Workspace<S>& workspace) const;

  // What the first block computes for the second, and takes from it.
  struct FirstPass {
    const FoldedBlock<S>& folded;
    const FoldedTangent<S>* tangent = nullptr;   // Null where none is asked for.
    const Buffer<S>* patch_gradients = nullptr;  // As `tangent`.
  };
  // Maxima make outputs small beside the work that they take: these are kept, from the way there
  // for the way back. Others are computed anew for every range.
  bool keeps_first_outputs() const { return options_.takes_maxima; }
  // Calls run(inputs) with those of later block `index`.
  template <typename Run>
  void WithInputs(size_t index, const FirstPass& first, int64_t images,
                  const Workspace<S>& workspace, const Run& run) const;
  // Where g_z of later block `index`, or g_z', goes.
  const Buffer<S>& GradientScratch(size_t index, const Workspace<S>& workspace) const;
  Buffer<S> ZeroPatchGradients() const;

  const NetworkOptions options_;
  const FirstBlock<S> first_;
  const std::vector<std::unique_ptr<const ConvolutionBlock<S>>> later_;  // From the second on.
  const NetworkShape shape_;
  const ParameterPacking<S> packing_;
  const Classifier<S> classifier_;
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_NETWORK_H_
