#include "meta/cpu/classifier.h"

#include <algorithm>
#include <cmath>

#include "meta/cpu/geometry.h"

namespace outerloop::meta::cpu {
namespace {

// Replaces `count` logits by probabilities. Returns the loss of `target`.
template <typename S>
S Softmax(S* logits, int64_t count, int64_t target) {
  const S highest = *std::max_element(logits, logits + count);
  const S of_target = logits[target] - highest;
  S sum = 0;
  for (int64_t k = 0; k < count; ++k) sum += logits[k] = std::exp(logits[k] - highest);
  for (int64_t k = 0; k < count; ++k) logits[k] /= sum;
  return std::log(sum) - of_target;
}

}  // namespace

template <typename S>
Classifier<S>::Classifier(const NetworkShape& shape, const Kernels<S>& kernels)
    : shape_(shape), kernels_(kernels) {}

template <typename S>
ClassifierRecord<S> Classifier<S>::MakeRecord(int64_t images) const {
  return {Buffer<S>(images * shape_.padded_ways), Buffer<S>(images * shape_.padded_ways)};
}

template <typename S>
void Classifier<S>::Logits(const PackedParameters<S>& parameters, int64_t images,
                           const Buffer<S>& features, const Buffer<S>& logits) const {
  Convolution<S> linear = Forward(images);
  linear.terms[0] = {features.data(), parameters.linear_weight};
  linear.bias = parameters.linear_bias;
  linear.targets = logits.data();
  kernels_.convolve(linear);
}

template <typename S>
S Classifier<S>::Loss(int64_t images, const Buffer<S>& logits, const int64_t* targets,
                      ClassifierRecord<S>& record) const {
  const int64_t ways = shape_.ways, row_size = shape_.padded_ways;
  std::copy_n(logits.data(), images * row_size, record.probabilities.data());
  record.logit_gradients.Fill(0);
  S loss = 0;
  for (int64_t image = 0; image < images; ++image) {
    S* const p = record.probabilities.data() + image * row_size;
    S* const d = record.logit_gradients.data() + image * row_size;
    loss += Softmax(p, ways, targets[image]);
    for (int64_t k = 0; k < ways; ++k) {
      d[k] = (p[k] - static_cast<S>(k == targets[image])) / static_cast<S>(images);
    }
  }
  return loss / static_cast<S>(images);
}

template <typename S>
void Classifier<S>::Backward(const PackedParameters<S>& parameters, int64_t images,
                             const Buffer<S>& features, const ClassifierRecord<S>& record,
                             const PackedParameters<S>& gradient,
                             const Buffer<S>& feature_gradients) const {
  WeightGradient<S> weights = Weights(images);
  weights.terms[0] = {features.data(), record.logit_gradients.data()};
  weights.gradient = gradient.linear_weight;
  kernels_.weight_gradient(weights);
  SumRows(images, record.logit_gradients, gradient.linear_bias);

  Convolution<S> back = Features(images);
  back.terms[0] = {record.logit_gradients.data(), parameters.linear_transposed};
  back.targets = feature_gradients.data();
  kernels_.convolve(back);
}

template <typename S>
void Classifier<S>::Tangent(const PackedParameters<S>& parameters,
                            const PackedParameters<S>& direction, int64_t images,
                            const Buffer<S>& features, const Buffer<S>& feature_tangents,
                            const ClassifierRecord<S>& record, const PackedParameters<S>& product,
                            const Buffer<S>& feature_gradient_tangents) const {
  const S* const gradients = record.logit_gradients.data();
  Buffer<S> tangents(images * shape_.padded_ways);  // Of the logits, then of their gradients.
  Convolution<S> linear = Forward(images);
  linear.num_terms = 2;
  linear.terms[0] = {features.data(), direction.linear_weight};
  linear.terms[1] = {feature_tangents.data(), parameters.linear_weight};
  linear.bias = direction.linear_bias;
  linear.targets = tangents.data();
  kernels_.convolve(linear);
  LossTangent(images, record, tangents);

  WeightGradient<S> weights = Weights(images);
  weights.num_terms = 2;
  weights.terms[0] = {features.data(), tangents.data()};
  weights.terms[1] = {feature_tangents.data(), gradients};
  weights.gradient = product.linear_weight;
  kernels_.weight_gradient(weights);
  SumRows(images, tangents, product.linear_bias);

  Convolution<S> back = Features(images);
  back.num_terms = 2;
  back.terms[0] = {tangents.data(), parameters.linear_transposed};
  back.terms[1] = {gradients, direction.linear_transposed};
  back.targets = feature_gradient_tangents.data();
  kernels_.convolve(back);
}

template <typename S>
Convolution<S> Classifier<S>::Forward(int64_t images) const {
  return {.groups = &SinglePixelGroup(),
          .num_groups = 1,
          .images = images,
          .source_pixels = 1,
          .source_stride = shape_.features(),
          .target_pixels = 1,
          .channels = shape_.features(),
          .filters = shape_.padded_ways,
          .terms = {},
          .targets = nullptr};
}

template <typename S>
Convolution<S> Classifier<S>::Features(int64_t images) const {
  return {.groups = &SinglePixelGroup(),
          .num_groups = 1,
          .images = images,
          .source_pixels = 1,
          .source_stride = shape_.padded_ways,
          .target_pixels = 1,
          .channels = shape_.ways,
          .filters = shape_.features(),
          .terms = {},
          .targets = nullptr};
}

template <typename S>
WeightGradient<S> Classifier<S>::Weights(int64_t images) const {
  return {.taps = &SinglePixelList(),
          .num_taps = 1,
          .images = images,
          .source_pixels = 1,
          .source_stride = shape_.features(),
          .target_pixels = 1,
          .channels = shape_.features(),
          .filters = shape_.padded_ways,
          .terms = {},
          .gradient = nullptr};
}

template <typename S>
void Classifier<S>::SumRows(int64_t images, const Buffer<S>& rows, S* sums) const {
  const int64_t row_size = shape_.padded_ways;
  std::fill_n(sums, row_size, S{0});
  for (int64_t image = 0; image < images; ++image) {
    for (int64_t k = 0; k < row_size; ++k) sums[k] += rows[image * row_size + k];
  }
}

template <typename S>
void Classifier<S>::LossTangent(int64_t images, const ClassifierRecord<S>& record,
                                const Buffer<S>& logit_tangents) const {
  for (int64_t image = 0; image < images; ++image) {
    const S* const p = record.probabilities.data() + image * shape_.padded_ways;
    S* const tangent = logit_tangents.data() + image * shape_.padded_ways;
    S mean = 0;
    for (int64_t k = 0; k < shape_.ways; ++k) mean += p[k] * tangent[k];
    for (int64_t k = 0; k < shape_.ways; ++k) {
      tangent[k] = p[k] * (tangent[k] - mean) / static_cast<S>(images);
    }
  }
}

template class Classifier<float>;
template class Classifier<double>;

}  // namespace outerloop::meta::cpu
