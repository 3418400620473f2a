// The four-block network with its classifier, a task at a time.
#ifndef OUTERLOOP_META_CPU_NETWORK_H_
#define OUTERLOOP_META_CPU_NETWORK_H_

#include <cstdint>
#include <memory>

#include "meta/cpu/body.h"
#include "meta/cpu/classifier.h"
#include "meta/cpu/kernels.h"
#include "meta/cpu/parameter_packing.h"
#include "meta/parameters.h"

namespace outerloop::meta::cpu {

// What Differentiate leaves for the tangents.
template <typename S>
struct TaskRecord {
  BodyRecord<S> body;
  ClassifierRecord<S> classifier;
};

// Memory that a rule works in, as the body's.
template <typename S>
struct Workspace {
  TangentWorkspace<S> tangents;
  BackwardWorkspace<S> backward;
  Buffer<S> logits;                // [images, padded ways]
  PackedParameters<S> parameters;  // Where a direction is packed.
  PackedParameters<S> gradient;    // Without transposed parts.

  const Activations<S>& values() const { return tangents.values; }
};

// Immutable; pure; thread-safe with a workspace for each thread. Images are [images, channels,
// height, width].
template <typename S>
class Network {
 public:
  // `layout` is the parameters'.
  Network(const BodyOptions& options, int64_t ways, const ParameterLayout& layout,
          const Kernels<S>& kernels);

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
  void Predict(std::shared_ptr<const PackedParameters<S>> parameters, const S* images,
               int64_t num_images, Workspace<S>& workspace) const;
  void PredictInductively(std::shared_ptr<const PackedParameters<S>> parameters, const S* support,
                          int64_t num_support, const S* images, int64_t num_images,
                          Workspace<S>& workspace) const;

 private:
  const Body<S> body_;
  const NetworkShape shape_;
  const ParameterPacking<S> packing_;
  const Classifier<S> classifier_;
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_NETWORK_H_
