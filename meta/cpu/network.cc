#include "meta/cpu/network.h"

#include <utility>

namespace outerloop::meta::cpu {
namespace {

template <typename S>
using Blocks = std::vector<std::unique_ptr<const ConvolutionBlock<S>>>;

template <typename S>
PatchShape PatchesOf(const NetworkOptions& options, const Kernels<S>& kernels) {
  return {options.channels, options.image, options.stride, kernels.lanes};
}

template <typename S>
Blocks<S> LaterBlocks(const NetworkOptions& options, const Kernels<S>& kernels) {
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
NetworkShape ShapeOf(const NetworkOptions& options, const Blocks<S>& later,
                     const Kernels<S>& kernels) {
  return {.channels = options.channels,
          .filters = options.filters,
          .blocks = options.blocks,
          .pixels = later.back()->shape().outputs().pixels(),
          .ways = options.ways,
          .padded_ways = RoundUp(options.ways, kernels.lanes)};
}

}  // namespace

template <typename S>
Network<S>::Network(const NetworkOptions& options, const ParameterLayout& layout,
                    const Kernels<S>& kernels)
    : options_(options),
      first_(PatchesOf(options, kernels), options.takes_maxima, options.filters, options.epsilon,
             kernels),
      later_(LaterBlocks(options, kernels)),
      shape_(ShapeOf(options, later_, kernels)),
      packing_(shape_, layout, kernels),
      classifier_(shape_, kernels) {}

template <typename S>
Workspace<S> Network<S>::MakeWorkspace(int64_t images) const {
  Workspace<S> workspace;
  const auto activations = [&](int64_t size) -> typename Workspace<S>::Activations {
    return {Buffer<S>(images * size), Buffer<S>(images * size), Buffer<S>(images * size)};
  };
  if (keeps_first_outputs()) workspace.first = activations(first_.output_size());
  for (const auto& block : later_) {
    workspace.later.push_back(activations(block->output_size()));
    workspace.tangents.push_back(block->MakeTangent(images));
  }
  workspace.scratch = Buffer<S>(images * later_.front()->convolved_size());
  if (options_.takes_maxima) workspace.tangent_scratch = Buffer<S>(workspace.scratch.size());
  workspace.logits = Buffer<S>(images * shape_.padded_ways);
  workspace.parameters = packing_.Allocate(/*transposed=*/true);
  workspace.gradient = packing_.Allocate(/*transposed=*/false);
  return workspace;
}

template <typename S>
S Network<S>::Differentiate(std::shared_ptr<const PackedParameters<S>> parameters, const S* images,
                            const int64_t* targets, int64_t num_images, Workspace<S>& workspace,
                            TaskRecord<S>& record) const {
  const PackedParameters<S>& values = *parameters;
  record.parameters = std::move(parameters);
  Forward(values, images, num_images, workspace, record);
  const Buffer<S>& features = workspace.later.back().values;
  classifier_.Logits(values, num_images, features, workspace.logits);
  record.classifier = classifier_.MakeRecord(num_images);
  const S loss = classifier_.Loss(num_images, workspace.logits, targets, record.classifier);
  classifier_.Backward(values, num_images, features, record.classifier, workspace.gradient,
                       workspace.later.back().gradients);
  Backward(values, workspace, record);
  return loss;
}

template <typename S>
void Network<S>::Forward(const PackedParameters<S>& parameters, const S* images, int64_t num_images,
                         Workspace<S>& workspace, TaskRecord<S>& record) const {
  record.images = num_images;
  record.first = first_.Fold(parameters.blocks[0], images, num_images);
  if (keeps_first_outputs()) {
    first_.Outputs(record.first, {0, num_images}, workspace.first.values.data());
  }
  for (size_t i = 0; i < later_.size(); ++i) {
    record.later.push_back(later_[i]->MakeRecord(num_images));
    WithInputs(i, {record.first}, num_images, workspace, [&](auto inputs) {
      later_[i]->Forward(parameters.blocks[i + 1], num_images, inputs, record.later[i],
                         workspace.later[i].values);
    });
  }
}

template <typename S>
void Network<S>::Backward(const PackedParameters<S>& parameters, Workspace<S>& workspace,
                          TaskRecord<S>& record) const {
  record.first.patch_gradients = ZeroPatchGradients();
  const FirstPass first = {record.first, nullptr, &record.first.patch_gradients};
  for (size_t i = later_.size(); i-- > 0;) {
    WithInputs(i, first, record.images, workspace, [&](auto inputs) {
      later_[i]->Backward(parameters.blocks[i + 1], record.images, inputs,
                          workspace.later[i].gradients, GradientScratch(i, workspace),
                          record.later[i], workspace.gradient.blocks[i + 1]);
    });
  }
  if (keeps_first_outputs()) {
    first_.AddPatchGradients(record.first, {0, record.images}, workspace.first.gradients.data(),
                             record.first.patch_gradients);
  }
  first_.Backward(parameters.blocks[0], record.first, workspace.gradient.blocks[0]);
}

template <typename S>
void Network<S>::HessianVectorProduct(const TaskRecord<S>& record,
                                      const PackedParameters<S>& direction,
                                      Workspace<S>& workspace) const {
  const PackedParameters<S>& parameters = *record.parameters;
  const FoldedTangent<S> first =
      first_.FoldTangent(parameters.blocks[0], direction.blocks[0], record.first);
  TangentForward(record, direction, first, workspace);
  const auto& last = workspace.later.back();
  classifier_.Tangent(parameters, direction, record.images, last.values, last.tangents,
                      record.classifier, workspace.gradient, last.gradients);
  TangentBackward(record, direction, first, workspace);
}

template <typename S>
void Network<S>::TangentForward(const TaskRecord<S>& record, const PackedParameters<S>& direction,
                                const FoldedTangent<S>& first, Workspace<S>& workspace) const {
  if (keeps_first_outputs()) {
    const ImageRange all = {0, record.images};
    first_.Outputs(record.first, all, workspace.first.values.data());
    first_.OutputTangents(record.first, first, all, workspace.first.values.data(),
                          workspace.first.tangents.data());
  }
  for (size_t i = 0; i < later_.size(); ++i) {
    WithInputs(i, {record.first, &first}, record.images, workspace, [&](auto inputs) {
      later_[i]->TangentForward(record.parameters->blocks[i + 1], direction.blocks[i + 1],
                                record.images, inputs, record.later[i], workspace.tangents[i],
                                workspace.later[i].values, workspace.later[i].tangents);
    });
  }
}

template <typename S>
void Network<S>::TangentBackward(const TaskRecord<S>& record, const PackedParameters<S>& direction,
                                 const FoldedTangent<S>& first, Workspace<S>& workspace) const {
  const Buffer<S> patch_gradients = ZeroPatchGradients();
  const FirstPass first_pass = {record.first, &first, &patch_gradients};
  for (size_t i = later_.size(); i-- > 0;) {
    WithInputs(i, first_pass, record.images, workspace, [&](auto inputs) {
      later_[i]->TangentBackward(record.parameters->blocks[i + 1], direction.blocks[i + 1],
                                 record.images, inputs, record.later[i], workspace.tangents[i],
                                 workspace.later[i].gradients, workspace.scratch,
                                 GradientScratch(i, workspace), workspace.gradient.blocks[i + 1]);
    });
  }
  if (keeps_first_outputs()) {
    first_.AddPatchGradients(record.first, {0, record.images}, workspace.first.gradients.data(),
                             patch_gradients);
  }
  first_.TangentBackward(record.parameters->blocks[0], direction.blocks[0], record.first, first,
                         patch_gradients, workspace.gradient.blocks[0]);
}

template <typename S>
void Network<S>::Predict(const PackedParameters<S>& parameters, const S* images, int64_t num_images,
                         Workspace<S>& workspace) const {
  TaskRecord<S> record;
  Forward(parameters, images, num_images, workspace, record);
  classifier_.Logits(parameters, num_images, workspace.later.back().values, workspace.logits);
}

template <typename S>
void Network<S>::PredictInductively(const PackedParameters<S>& parameters, const S* support,
                                    int64_t num_support, const S* images, int64_t num_images,
                                    Workspace<S>& workspace) const {
  TaskRecord<S> batch;
  Forward(parameters, support, num_support, workspace, batch);
  const FoldedBlock<S> folded =
      first_.FoldWithStatisticsOf(batch.first, parameters.blocks[0], images, num_images);
  if (keeps_first_outputs()) {
    first_.Outputs(folded, {0, num_images}, workspace.first.values.data());
  }
  for (size_t i = 0; i < later_.size(); ++i) {
    WithInputs(i, {folded}, num_images, workspace, [&](auto inputs) {
      later_[i]->ForwardWithStatisticsOf(batch.later[i], parameters.blocks[i + 1], num_images,
                                         inputs, workspace.scratch, workspace.later[i].values);
    });
  }
  classifier_.Logits(parameters, num_images, workspace.later.back().values, workspace.logits);
}

template <typename S>
template <typename Run>
void Network<S>::WithInputs(size_t index, const FirstPass& first, int64_t images,
                            const Workspace<S>& workspace, const Run& run) const {
  if (index == 0 && !keeps_first_outputs()) {
    run(FirstBlockOutputs<S>(first_, first.folded, first.tangent, first.patch_gradients,
                             later_.front()->MostImagesTogether(images)));
    return;
  }
  const auto& before = index == 0 ? workspace.first : workspace.later[index - 1];
  run(StoredInputs<S>(later_[index]->input_size(), before.values.data(), before.tangents.data(),
                      before.gradients.data()));
}

template <typename S>
const Buffer<S>& Network<S>::GradientScratch(size_t index, const Workspace<S>& workspace) const {
  return options_.takes_maxima ? workspace.tangent_scratch : workspace.later[index].gradients;
}

template <typename S>
Buffer<S> Network<S>::ZeroPatchGradients() const {
  Buffer<S> sums((first_.shape().values() + 1) * first_.filters());
  sums.Fill(0);
  return sums;
}

template class Network<float>;
template class Network<double>;

}  // namespace outerloop::meta::cpu
