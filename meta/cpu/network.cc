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
  ImageSize size = OutputSize(options.image, options.stride);
  for (int64_t block = 1; block < options.blocks; ++block) {
    blocks.push_back(std::make_unique<ConvolutionBlock<S>>(
        size, options.stride, options.filters, options.filters, options.epsilon, kernels));
    size = blocks.back()->outputs();
  }
  return blocks;
}

template <typename S>
NetworkShape ShapeOf(const NetworkOptions& options, const Blocks<S>& later,
                     const Kernels<S>& kernels) {
  return {.channels = options.channels,
          .filters = options.filters,
          .blocks = options.blocks,
          .pixels = later.back()->outputs().pixels(),
          .ways = options.ways,
          .padded_ways = RoundUp(options.ways, kernels.lanes)};
}

}  // namespace

template <typename S>
Network<S>::Network(const NetworkOptions& options, const ParameterLayout& layout,
                    const Kernels<S>& kernels)
    : options_(options),
      first_(PatchesOf(options, kernels), options.filters, options.epsilon, kernels),
      later_(LaterBlocks(options, kernels)),
      shape_(ShapeOf(options, later_, kernels)),
      packing_(shape_, layout, kernels),
      classifier_(shape_, kernels) {}

template <typename S>
Workspace<S> Network<S>::MakeWorkspace(int64_t images) const {
  Workspace<S> workspace;
  for (const auto& block : later_) {
    const auto whole = [&] { return Buffer<S>(images * block->output_size()); };
    workspace.later.push_back({whole(), whole(), whole(), block->MakeTangent(images)});
  }
  workspace.scratch = Buffer<S>(images * later_.front()->output_size());
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
  const Buffer<S>& features = workspace.later.back().activations;
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
  for (size_t i = 0; i < later_.size(); ++i) {
    record.later.push_back(later_[i]->MakeRecord(num_images));
    const auto run = [&](auto inputs) {
      later_[i]->Forward(parameters.blocks[i + 1], num_images, inputs, record.later[i],
                         workspace.later[i].activations);
    };
    if (i == 0) {
      run(SecondBlockInputs(record.first, nullptr, nullptr, num_images));
    } else {
      run(InputsOf(i, workspace));
    }
  }
}

template <typename S>
void Network<S>::Backward(const PackedParameters<S>& parameters, Workspace<S>& workspace,
                          TaskRecord<S>& record) const {
  record.first.patch_gradients = ZeroPatchGradients();
  for (size_t i = later_.size(); i-- > 0;) {
    const auto run = [&](auto inputs) {
      later_[i]->Backward(parameters.blocks[i + 1], record.images, inputs,
                          workspace.later[i].gradients, record.later[i],
                          workspace.gradient.blocks[i + 1]);
    };
    if (i == 0) {
      run(SecondBlockInputs(record.first, nullptr, &record.first.patch_gradients, record.images));
    } else {
      run(InputsOf(i, workspace));
    }
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
  classifier_.Tangent(parameters, direction, record.images, last.activations,
                      last.activation_tangents, record.classifier, workspace.gradient,
                      last.gradients);
  TangentBackward(record, direction, first, workspace);
}

template <typename S>
void Network<S>::TangentForward(const TaskRecord<S>& record, const PackedParameters<S>& direction,
                                const FoldedTangent<S>& first, Workspace<S>& workspace) const {
  for (size_t i = 0; i < later_.size(); ++i) {
    auto& block = workspace.later[i];
    const auto run = [&](auto inputs) {
      later_[i]->TangentForward(record.parameters->blocks[i + 1], direction.blocks[i + 1],
                                record.images, inputs, record.later[i], block.tangent,
                                block.activations, block.activation_tangents);
    };
    if (i == 0) {
      run(SecondBlockInputs(record.first, &first, nullptr, record.images));
    } else {
      run(InputsOf(i, workspace));
    }
  }
}

template <typename S>
void Network<S>::TangentBackward(const TaskRecord<S>& record, const PackedParameters<S>& direction,
                                 const FoldedTangent<S>& first, Workspace<S>& workspace) const {
  const Buffer<S> patch_gradients = ZeroPatchGradients();
  for (size_t i = later_.size(); i-- > 0;) {
    const auto& block = workspace.later[i];
    const auto run = [&](auto inputs) {
      later_[i]->TangentBackward(record.parameters->blocks[i + 1], direction.blocks[i + 1],
                                 record.images, inputs, record.later[i], block.tangent,
                                 block.gradients, workspace.scratch,
                                 workspace.gradient.blocks[i + 1]);
    };
    if (i == 0) {
      run(SecondBlockInputs(record.first, &first, &patch_gradients, record.images));
    } else {
      run(InputsOf(i, workspace));
    }
  }
  first_.TangentBackward(record.parameters->blocks[0], direction.blocks[0], record.first, first,
                         patch_gradients, workspace.gradient.blocks[0]);
}

template <typename S>
void Network<S>::Predict(const PackedParameters<S>& parameters, const S* images, int64_t num_images,
                         Workspace<S>& workspace) const {
  TaskRecord<S> record;
  Forward(parameters, images, num_images, workspace, record);
  classifier_.Logits(parameters, num_images, workspace.later.back().activations, workspace.logits);
}

template <typename S>
void Network<S>::PredictInductively(const PackedParameters<S>& parameters, const S* support,
                                    int64_t num_support, const S* images, int64_t num_images,
                                    Workspace<S>& workspace) const {
  TaskRecord<S> batch;
  Forward(parameters, support, num_support, workspace, batch);
  const FoldedBlock<S> folded =
      first_.FoldWithStatisticsOf(batch.first, parameters.blocks[0], images, num_images);
  for (size_t i = 0; i < later_.size(); ++i) {
    const auto run = [&](auto inputs) {
      later_[i]->ForwardWithStatisticsOf(batch.later[i], parameters.blocks[i + 1], num_images,
                                         inputs, workspace.scratch, workspace.later[i].activations);
    };
    if (i == 0) {
      run(SecondBlockInputs(folded, nullptr, nullptr, num_images));
    } else {
      run(InputsOf(i, workspace));
    }
  }
  classifier_.Logits(parameters, num_images, workspace.later.back().activations, workspace.logits);
}

template <typename S>
FirstBlockOutputs<S> Network<S>::SecondBlockInputs(const FoldedBlock<S>& first,
                                                   const FoldedTangent<S>* tangent,
                                                   const Buffer<S>* patch_gradients,
                                                   int64_t images) const {
  return {first_, first, tangent, patch_gradients, later_.front()->MostImagesTogether(images)};
}

template <typename S>
StoredInputs<S> Network<S>::InputsOf(size_t index, const Workspace<S>& workspace) const {
  const auto& before = workspace.later[index - 1];
  return {later_[index]->input_size(), before.activations.data(), before.activation_tangents.data(),
          before.gradients.data()};
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
