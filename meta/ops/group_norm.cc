#include "meta/ops/group_norm.h"

#include <utility>

#include "meta/ops/batch_norm.h"
#include "meta/ops/scale_shift.h"
#include "meta/ops/sequence.h"

namespace outerloop::meta {
namespace {

// Images by their groups' statistics, with nothing learned. A group of channels of one image is to
// this what a channel of a batch is to batch normalisation, whose rules it takes: [T, N, G C, H, W]
// is [T N, C, G, H, W] to them, a "task" for each image and an "example" for each channel of a
// group.
class GroupStandardization final : public Layer {
 public:
  explicit GroupStandardization(const GroupNormOptions& options)
      : options_(options),
        of_batches_(MakeBatchNorm({.channels = options.groups, .epsilon = options.epsilon})) {}

  torch::Tensor Forward(const Parameters& parameters, const torch::Tensor& inputs,
                        Record& record) const override {
    const torch::Tensor groups = Groups(inputs);
    const torch::Tensor scale = torch::ones({groups.size(0), options_.groups}, inputs.options());
    return Images(of_batches_->Forward({scale, torch::zeros_like(scale)}, groups, record), inputs);
  }

  Gradients Backward(const torch::Tensor& output_gradient, bool wants_inputs,
                     Record& record) const override {
    const Gradients gradients =
        of_batches_->Backward(Groups(output_gradient), /*wants_inputs=*/true, record);
    return {Images(gradients.inputs, output_gradient), {}};
  }

  torch::Tensor TangentForward(const Parameters& parameter_tangent,
                               const torch::Tensor& input_tangent, const Record& record,
                               Record& tangent_record) const override {
    const torch::Tensor groups = Groups(input_tangent);
    const torch::Tensor zero = torch::zeros({groups.size(0), options_.groups}, groups.options());
    return Images(of_batches_->TangentForward({zero, zero}, groups, record, tangent_record),
                  input_tangent);
  }

  Gradients TangentBackward(const torch::Tensor& output_gradient_tangent, bool wants_inputs,
                            const Record& record, const Record& tangent_record) const override {
    const Gradients gradients = of_batches_->TangentBackward(
        Groups(output_gradient_tangent), /*wants_inputs=*/true, record, tangent_record);
    return {Images(gradients.inputs, output_gradient_tangent), {}};
  }

 private:
  torch::Tensor Groups(const torch::Tensor& images) const {
    return images.flatten(0, 1).unflatten(1, {options_.groups, -1}).transpose(1, 2);
  }

  // The inverse, for images of the sizes of `like`.
  static torch::Tensor Images(const torch::Tensor& groups, const torch::Tensor& like) {
    return groups.transpose(1, 2).flatten(1, 2).unflatten(0, {like.size(0), like.size(1)});
  }

  const GroupNormOptions options_;
  const std::unique_ptr<const Layer> of_batches_;
};

}  // namespace

std::unique_ptr<const Layer> MakeGroupNorm(const GroupNormOptions& options) {
  TORCH_CHECK_VALUE(options.channels % options.groups == 0, "groups: ", options.groups,
                    " do not divide ", options.channels, " channels");
  return MakeSequence({{"", std::make_unique<GroupStandardization>(options)},
                       {"", MakeScaleShift(options.channels)}});
}

}  // namespace outerloop::meta
