#include "meta/cpu/convolution_block.h"

#include <algorithm>

namespace outerloop::meta::cpu {
namespace {

// Inputs that are worked on together: with their tangents and gradients, and a layer's weights,
// they fit a second-level cache of 1 MB with room to spare.
constexpr int64_t kBytesTogether = 128 << 10;

}  // namespace

template <typename S>
ConvolutionBlock<S>::ConvolutionBlock(const BlockShape& shape, double epsilon,
                                      const Kernels<S>& kernels)
    : shape_(shape), geometry_(shape.image, shape.stride), epsilon_(epsilon), kernels_(kernels) {}

template <typename S>
int64_t ConvolutionBlock<S>::MostImagesTogether(int64_t images) const {
  const int64_t fit = kBytesTogether / (input_size() * static_cast<int64_t>(sizeof(S)));
  return std::clamp<int64_t>(fit, 1, std::max<int64_t>(images, 1));
}

template <typename S>
template <typename Body>
void ConvolutionBlock<S>::ForEachRange(int64_t images, const Body& body) const {
  const int64_t most = MostImagesTogether(images);
  for (int64_t first = 0; first < images; first += most) {
    body(ImageRange{first, std::min(most, images - first)});
  }
}

template <typename S>
BlockRecord<S> ConvolutionBlock<S>::MakeRecord(int64_t images) const {
  const auto whole = [&] { return Buffer<S>(images * convolved_size()); };
  const auto channel = [&] { return Buffer<S>(shape_.filters); };
  return {whole(), whole(), channel(), channel(), channel(), channel()};
}

template <typename S>
BlockTangent<S> ConvolutionBlock<S>::MakeTangent(int64_t images) const {
  return {Buffer<S>(images * convolved_size()), Buffer<S>(shape_.filters)};
}

template <typename S>
void ConvolutionBlock<S>::Forward(const Parameters& parameters, int64_t images,
                                  BlockInputs<S>& inputs, BlockRecord<S>& record,
                                  const Buffer<S>& activations) const {
  ForEachRange(images, [&](ImageRange range) {
    Convolution<S> convolution = ForwardConvolution(range.count);
    convolution.terms[0] = {inputs.Values(range), parameters.weight};
    convolution.targets = record.normalized.data() + range.first * convolved_size();
    kernels_.convolve(convolution);
  });
  kernels_.statistics({.rows = Rows(images),
                       .channels = shape_.filters,
                       .inputs = record.normalized.data(),
                       .epsilon = epsilon_,
                       .mean = record.mean.data(),
                       .inverse_deviation = record.inverse_deviation.data()});
  kernels_.normalize({.rows = Rows(images),
                      .channels = shape_.filters,
                      .mean = record.mean.data(),
                      .inverse_deviation = record.inverse_deviation.data(),
                      .scale = parameters.scale,
                      .shift = parameters.shift,
                      .values = record.normalized.data(),
                      .activations = activations.data(),
                      .windows = shape_.windows()});
}

template <typename S>
void ConvolutionBlock<S>::ForwardWithStatisticsOf(const BlockRecord<S>& batch,
                                                  const Parameters& parameters, int64_t images,
                                                  BlockInputs<S>& inputs, const Buffer<S>& scratch,
                                                  const Buffer<S>& activations) const {
  ForEachRange(images, [&](ImageRange range) {
    Convolution<S> convolution = ForwardConvolution(range.count);
    convolution.terms[0] = {inputs.Values(range), parameters.weight};
    convolution.targets = scratch.data() + range.first * convolved_size();
    kernels_.convolve(convolution);
  });
  kernels_.normalize({.rows = Rows(images),
                      .channels = shape_.filters,
                      .mean = batch.mean.data(),
                      .inverse_deviation = batch.inverse_deviation.data(),
                      .scale = parameters.scale,
                      .shift = parameters.shift,
                      .values = scratch.data(),
                      .activations = activations.data(),
                      .windows = shape_.windows()});
}

template <typename S>
void ConvolutionBlock<S>::Backward(const Parameters& parameters, int64_t images,
                                   BlockInputs<S>& inputs, const Buffer<S>& activation_gradients,
                                   const Buffer<S>& scratch, BlockRecord<S>& record,
                                   const Parameters& gradient) const {
  kernels_.normalize_backward({.rows = Rows(images),
                               .channels = shape_.filters,
                               .normalized = record.normalized.data(),
                               .inverse_deviation = record.inverse_deviation.data(),
                               .scale = parameters.scale,
                               .shift = parameters.shift,
                               .activation_gradient = activation_gradients.data(),
                               .gradient = scratch.data(),
                               .centered = record.centered.data(),
                               .mean_gradient = record.mean_gradient.data(),
                               .mean_gradient_normalized = record.mean_gradient_normalized.data(),
                               .scale_gradient = gradient.scale,
                               .shift_gradient = gradient.shift,
                               .windows = shape_.windows()});
  ForEachRange(images, [&](ImageRange range) {
    const S* const output_gradients = scratch.data() + range.first * convolved_size();
    WeightGradient<S> weights = Weights(range);
    weights.terms[0] = {inputs.Values(range), output_gradients};
    weights.gradient = gradient.weight;
    kernels_.weight_gradient(weights);

    const auto to = inputs.Gradient(range);
    Convolution<S> convolution = BackwardConvolution(range.count);
    convolution.terms[0] = {output_gradients, parameters.transposed};
    convolution.mask = to.mask;
    convolution.targets = to.gradient;
    kernels_.convolve(convolution);
    inputs.TakeGradient(range);
  });
}

template <typename S>
void ConvolutionBlock<S>::TangentForward(const Parameters& parameters, const Parameters& direction,
                                         int64_t images, BlockInputs<S>& inputs,
                                         const BlockRecord<S>& record, BlockTangent<S>& tangent,
                                         const Buffer<S>& activations,
                                         const Buffer<S>& activation_tangents) const {
  ForEachRange(images, [&](ImageRange range) {
    Convolution<S> convolution = ForwardConvolution(range.count);
    convolution.num_terms = 2;
    convolution.terms[0] = {inputs.Values(range), direction.weight};
    convolution.terms[1] = {inputs.Tangents(range), parameters.weight};
    convolution.targets = tangent.normalized.data() + range.first * convolved_size();
    kernels_.convolve(convolution);
  });
  kernels_.normalize_tangent({.rows = Rows(images),
                              .channels = shape_.filters,
                              .normalized = record.normalized.data(),
                              .inverse_deviation = record.inverse_deviation.data(),
                              .scale = parameters.scale,
                              .shift = parameters.shift,
                              .scale_tangent = direction.scale,
                              .shift_tangent = direction.shift,
                              .tangent = tangent.normalized.data(),
                              .correlation = tangent.correlation.data(),
                              .activations = activations.data(),
                              .activation_tangents = activation_tangents.data(),
                              .windows = shape_.windows()});
}

template <typename S>
void ConvolutionBlock<S>::TangentBackward(
    const Parameters& parameters, const Parameters& direction, int64_t images,
    BlockInputs<S>& inputs, const BlockRecord<S>& record, const BlockTangent<S>& tangent,
    const Buffer<S>& activation_gradient_tangents, const Buffer<S>& scratch,
    const Buffer<S>& tangent_scratch, const Parameters& product) const {
  kernels_.normalize_tangent_backward(
      {.rows = Rows(images),
       .channels = shape_.filters,
       .normalized = record.normalized.data(),
       .normalized_tangent = tangent.normalized.data(),
       .centered = record.centered.data(),
       .mean_gradient = record.mean_gradient.data(),
       .mean_gradient_normalized = record.mean_gradient_normalized.data(),
       .inverse_deviation = record.inverse_deviation.data(),
       .correlation = tangent.correlation.data(),
       .scale = parameters.scale,
       .shift = parameters.shift,
       .scale_tangent = direction.scale,
       .activation_gradient_tangent = activation_gradient_tangents.data(),
       .gradient_tangent = tangent_scratch.data(),
       .gradient = scratch.data(),
       .scale_gradient_tangent = product.scale,
       .shift_gradient_tangent = product.shift,
       .windows = shape_.windows()});
  ForEachRange(images, [&](ImageRange range) {
    const S* const output_gradients = scratch.data() + range.first * convolved_size();
    const S* const output_tangents = tangent_scratch.data() + range.first * convolved_size();
    WeightGradient<S> weights = Weights(range);
    weights.num_terms = 2;
    weights.terms[0] = {inputs.Values(range), output_tangents};
    weights.terms[1] = {inputs.Tangents(range), output_gradients};
    weights.gradient = product.weight;
    kernels_.weight_gradient(weights);

    const auto to = inputs.Gradient(range);
    Convolution<S> convolution = BackwardConvolution(range.count);
    convolution.num_terms = 2;
    convolution.terms[0] = {output_tangents, parameters.transposed};
    convolution.terms[1] = {output_gradients, direction.transposed};
    convolution.mask = to.mask;
    convolution.targets = to.gradient;
    kernels_.convolve(convolution);
    inputs.TakeGradient(range);
  });
}

template <typename S>
Convolution<S> ConvolutionBlock<S>::ForwardConvolution(int64_t images) const {
  return {.groups = geometry_.forward().data(),
          .num_groups = static_cast<int64_t>(geometry_.forward().size()),
          .images = images,
          .source_pixels = geometry_.inputs().pixels(),
          .source_stride = shape_.channels,
          .target_pixels = geometry_.outputs().pixels(),
          .channels = shape_.channels,
          .filters = shape_.filters,
          .terms = {},
          .targets = nullptr};
}

template <typename S>
Convolution<S> ConvolutionBlock<S>::BackwardConvolution(int64_t images) const {
  return {.groups = geometry_.backward().data(),
          .num_groups = static_cast<int64_t>(geometry_.backward().size()),
          .images = images,
          .source_pixels = geometry_.outputs().pixels(),
          .source_stride = shape_.filters,
          .target_pixels = geometry_.inputs().pixels(),
          .channels = shape_.filters,
          .filters = shape_.channels,
          .terms = {},
          .targets = nullptr};
}

template <typename S>
WeightGradient<S> ConvolutionBlock<S>::Weights(ImageRange images) const {
  return {.taps = geometry_.weights().data(),
          .num_taps = kTaps,
          .images = images.count,
          .source_pixels = geometry_.inputs().pixels(),
          .source_stride = shape_.channels,
          .target_pixels = geometry_.outputs().pixels(),
          .channels = shape_.channels,
          .filters = shape_.filters,
          .terms = {},
          .add = images.first > 0,
          .gradient = nullptr};
}

template class ConvolutionBlock<float>;
template class ConvolutionBlock<double>;

}  // namespace outerloop::meta::cpu
