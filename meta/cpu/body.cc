#include "meta/cpu/body.h"

#include <utility>

namespace outerloop::meta::cpu {
namespace {

template <typename S>
using Blocks = std::vector<std::unique_ptr<const ConvolutionBlock<S>>>;

template <typename S>
PatchShape PatchesOf(const BodyOptions& options, const Kernels<S>& kernels) {
  return {options.channels, options.image, options.stride, kernels.lanes};
}

template <typename S>
Blocks<S> LaterBlocks(const BodyOptions& options, const Kernels<S>& kernels) {
  Blocks<S> blocks;
  BlockShape shape = {.image = options.image,
                      .stride = options.stride,
                      .takes_maxima = options.takes_maxima,
                      .channels = options.filters,
                      .filters = options.filters};
  for (int64_t block = 1; block < options.blocks; ++block) {
    shape.image = shape.outputs();  // Those of the block before.
    blocks.push_back(std::make_unique<ConvolutionBlock<S>>(shape, options.epsilon, kernels));
  }
  return blocks;
}

template <typename S>
S* DataOf(const Activations<S>* activations, size_t block) {
  return activations == nullptr ? nullptr : (*activations)[block].data();
}

}  // namespace

template <typename S>
Body<S>::Body(const BodyOptions& options, const Kernels<S>& kernels)
    : options_(options),
      first_(PatchesOf(options, kernels), options.takes_maxima, options.filters, options.epsilon,
             kernels),
      later_(LaterBlocks(options, kernels)),
      lanes_(kernels.lanes) {}

template <typename S>
NetworkShape Body<S>::ShapeWith(int64_t ways) const {
  return {.channels = options_.channels,
          .filters = options_.filters,
          .blocks = options_.blocks,
          .pixels = later_.back()->shape().outputs().pixels(),
          .ways = ways,
          .padded_ways = RoundUp(ways, lanes_)};
}

template <typename S>
Activations<S> Body<S>::MakeActivations(int64_t images) const {
  Activations<S> activations;
  activations.emplace_back(keeps_first_outputs() ? images * first_.output_size() : 0);
  for (const auto& block : later_) activations.emplace_back(images * block->output_size());
  return activations;
}

template <typename S>
BackwardWorkspace<S> Body<S>::MakeBackwardWorkspace(int64_t images) const {
  const int64_t convolved = options_.takes_maxima ? later_.front()->convolved_size() : 0;
  return {MakeActivations(images), Buffer<S>(images * convolved)};
}

template <typename S>
TangentWorkspace<S> Body<S>::MakeTangentWorkspace(int64_t images) const {
  TangentWorkspace<S> workspace;
  workspace.values = MakeActivations(images);
  workspace.tangents = MakeActivations(images);
  for (const auto& block : later_) workspace.blocks.push_back(block->MakeTangent(images));
  workspace.convolved = Buffer<S>(images * later_.front()->convolved_size());
  return workspace;
}

template <typename S>
void Body<S>::Forward(std::shared_ptr<const PackedParameters<S>> parameters, const S* images,
                      int64_t num_images, const Activations<S>& values,
                      BodyRecord<S>& record) const {
  record.parameters = std::move(parameters);
  record.images = num_images;
  const auto& blocks = record.parameters->blocks;
  record.first = first_.Fold(blocks[0], images, num_images);
  if (keeps_first_outputs()) first_.Outputs(record.first, {0, num_images}, values[0].data());
  for (size_t i = 0; i < later_.size(); ++i) {
    record.later.push_back(later_[i]->MakeRecord(num_images));
    WithInputs(i, num_images, {record.first, values}, [&](auto inputs) {
      later_[i]->Forward(blocks[i + 1], num_images, inputs, record.later[i], values[i + 1]);
    });
  }
}

template <typename S>
void Body<S>::ForwardWithStatisticsOf(const BodyRecord<S>& batch, const S* images,
                                      int64_t num_images, const Activations<S>& values) const {
  const auto& blocks = batch.parameters->blocks;
  const Buffer<S> convolved(num_images * later_.front()->convolved_size());
  const FoldedBlock<S> folded =
      first_.FoldWithStatisticsOf(batch.first, blocks[0], images, num_images);
  if (keeps_first_outputs()) first_.Outputs(folded, {0, num_images}, values[0].data());
  for (size_t i = 0; i < later_.size(); ++i) {
    WithInputs(i, num_images, {folded, values}, [&](auto inputs) {
      later_[i]->ForwardWithStatisticsOf(batch.later[i], blocks[i + 1], num_images, inputs,
                                         convolved, values[i + 1]);
    });
  }
}

template <typename S>
void Body<S>::Backward(const Activations<S>& values, const BackwardWorkspace<S>& workspace,
                       BodyRecord<S>& record, const PackedParameters<S>& gradient) const {
  const auto& blocks = record.parameters->blocks;
  record.first.patch_gradients = ZeroPatchGradients();
  const Pass pass = {.first = record.first,
                     .values = values,
                     .patch_gradients = &record.first.patch_gradients,
                     .gradients = &workspace.gradients};
  for (size_t i = later_.size(); i-- > 0;) {
    WithInputs(i, record.images, pass, [&](auto inputs) {
      later_[i]->Backward(blocks[i + 1], record.images, inputs, workspace.gradients[i + 1],
                          ConvolvedGradients(i, workspace), record.later[i],
                          gradient.blocks[i + 1]);
    });
  }
  if (keeps_first_outputs()) {
    first_.AddPatchGradients(record.first, {0, record.images}, workspace.gradients[0].data(),
                             record.first.patch_gradients);
  }
  first_.Backward(blocks[0], record.first, gradient.blocks[0]);
}

template <typename S>
void Body<S>::TangentForward(const BodyRecord<S>& record, const PackedParameters<S>& direction,
                             TangentWorkspace<S>& tangent) const {
  tangent.first =
      first_.FoldTangent(record.parameters->blocks[0], direction.blocks[0], record.first);
  const Activations<S>& values = tangent.values;
  if (keeps_first_outputs()) {
    const ImageRange all = {0, record.images};
    first_.Outputs(record.first, all, values[0].data());
    first_.OutputTangents(record.first, tangent.first, all, values[0].data(),
                          tangent.tangents[0].data());
  }
  const Pass pass = {.first = record.first,
                     .values = values,
                     .first_tangent = &tangent.first,
                     .tangents = &tangent.tangents};
  for (size_t i = 0; i < later_.size(); ++i) {
    WithInputs(i, record.images, pass, [&](auto inputs) {
      later_[i]->TangentForward(record.parameters->blocks[i + 1], direction.blocks[i + 1],
                                record.images, inputs, record.later[i], tangent.blocks[i],
                                values[i + 1], tangent.tangents[i + 1]);
    });
  }
}

template <typename S>
void Body<S>::TangentBackward(const BodyRecord<S>& record, const PackedParameters<S>& direction,
                              const TangentWorkspace<S>& tangent,
                              const BackwardWorkspace<S>& workspace,
                              const PackedParameters<S>& product) const {
  const Buffer<S> patch_gradients = ZeroPatchGradients();
  const Pass pass = {.first = record.first,
                     .values = tangent.values,
                     .first_tangent = &tangent.first,
                     .tangents = &tangent.tangents,
                     .patch_gradients = &patch_gradients,
                     .gradients = &workspace.gradients};
  for (size_t i = later_.size(); i-- > 0;) {
    WithInputs(i, record.images, pass, [&](auto inputs) {
      later_[i]->TangentBackward(record.parameters->blocks[i + 1], direction.blocks[i + 1],
                                 record.images, inputs, record.later[i], tangent.blocks[i],
                                 workspace.gradients[i + 1], tangent.convolved,
                                 ConvolvedGradients(i, workspace), product.blocks[i + 1]);
    });
  }
  if (keeps_first_outputs()) {
    first_.AddPatchGradients(record.first, {0, record.images}, workspace.gradients[0].data(),
                             patch_gradients);
  }
  first_.TangentBackward(record.parameters->blocks[0], direction.blocks[0], record.first,
                         tangent.first, patch_gradients, product.blocks[0]);
}

template <typename S>
template <typename Run>
void Body<S>::WithInputs(size_t index, int64_t images, const Pass& pass, const Run& run) const {
  if (index == 0 && !keeps_first_outputs()) {
    run(FirstBlockOutputs<S>(first_, pass.first, pass.first_tangent, pass.patch_gradients,
                             later_.front()->MostImagesTogether(images)));
    return;
  }
  run(StoredInputs<S>(later_[index]->input_size(), pass.values[index].data(),
                      DataOf(pass.tangents, index), DataOf(pass.gradients, index)));
}

template <typename S>
const Buffer<S>& Body<S>::ConvolvedGradients(size_t index,
                                             const BackwardWorkspace<S>& workspace) const {
  return options_.takes_maxima ? workspace.convolved : workspace.gradients[index + 1];
}

template <typename S>
Buffer<S> Body<S>::ZeroPatchGradients() const {
  Buffer<S> sums((first_.shape().values() + 1) * first_.filters());
  sums.Fill(0);
  return sums;
}

template class Body<float>;
template class Body<double>;

}  // namespace outerloop::meta::cpu
