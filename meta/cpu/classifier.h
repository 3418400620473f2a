// The network's end: linear to logits, softmax, mean cross-entropy.
#ifndef OUTERLOOP_META_CPU_CLASSIFIER_H_
#define OUTERLOOP_META_CPU_CLASSIFIER_H_

#include <cstdint>

#include "meta/cpu/buffer.h"
#include "meta/cpu/kernels.h"
#include "meta/cpu/parameter_packing.h"

namespace outerloop::meta::cpu {

// Rows are [images, padded ways]; the padding of both is 0.
template <typename S>
struct ClassifierRecord {
  Buffer<S> probabilities;    // p, the softmax of the logits.
  Buffer<S> logit_gradients;  // d = (p - one-hot target) / images.
};

// The four rules, features being [images, features]. The linear layer is a convolution of images of
// one pixel. The loss's Hessian with respect to one image's logits is (diag(p) - p p^T) / images.
// Immutable; pure; thread-safe.
template <typename S>
class Classifier {
 public:
  Classifier(const NetworkShape& shape, const Kernels<S>& kernels);

  ClassifierRecord<S> MakeRecord(int64_t images) const;

  // `logits` [images, padded ways]; the padding becomes 0.
  void Logits(const PackedParameters<S>& parameters, int64_t images, const Buffer<S>& features,
              const Buffer<S>& logits) const;
  // The mean loss. Fills `record`. Targets are 0 .. ways - 1.
  S Loss(int64_t images, const Buffer<S>& logits, const int64_t* targets,
         ClassifierRecord<S>& record) const;
  // Fills the linear layer's gradients, and the features'.
  void Backward(const PackedParameters<S>& parameters, int64_t images, const Buffer<S>& features,
                const ClassifierRecord<S>& record, const PackedParameters<S>& gradient,
                const Buffer<S>& feature_gradients) const;
  // From the features' tangent to the tangents of what Backward fills.
  void Tangent(const PackedParameters<S>& parameters, const PackedParameters<S>& direction,
               int64_t images, const Buffer<S>& features, const Buffer<S>& feature_tangents,
               const ClassifierRecord<S>& record, const PackedParameters<S>& product,
               const Buffer<S>& feature_gradient_tangents) const;

 private:
  // Kernel arguments of the linear layer, but for terms, bias and what is written.
  Convolution<S> Forward(int64_t images) const;
  Convolution<S> Features(int64_t images) const;
  WeightGradient<S> Weights(int64_t images) const;
  void SumRows(int64_t images, const Buffer<S>& rows, S* sums) const;
  // d' of the logits' tangent, in place.
  void LossTangent(int64_t images, const ClassifierRecord<S>& record,
                   const Buffer<S>& logit_tangents) const;

  const NetworkShape shape_;
  const Kernels<S>& kernels_;
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_CLASSIFIER_H_
