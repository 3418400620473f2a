#include "meta/cpu/first_block.h"

#include <algorithm>
#include <cmath>

namespace outerloop::meta::cpu {

template <typename S>
FirstBlock<S>::FirstBlock(const PatchShape& shape, bool takes_maxima, int64_t filters,
                          double epsilon, const Kernels<S>& kernels)
    : shape_(shape),
      takes_maxima_(takes_maxima),
      filters_(filters),
      epsilon_(epsilon),
      kernels_(kernels) {}

template <typename S>
ImageSize FirstBlock<S>::outputs() const {
  const ImageSize convolved = shape_.outputs();
  return takes_maxima_ ? ImageSize{convolved.height / 2, convolved.width / 2} : convolved;
}

template <typename S>
FoldedBlock<S> FirstBlock<S>::Fold(const Parameters& parameters, const S* images,
                                   int64_t num_images) const {
  FoldedBlock<S> folded;
  folded.patches = ExtractPatches(shape_, kernels_, images, num_images);
  folded.covariance_weights = TimesCovariance(folded.patches, parameters.weight);
  folded.inverse_deviation = Buffer<S>(filters_);
  folded.inverse_deviation.Fill(static_cast<S>(epsilon_));
  S* const r = folded.inverse_deviation.data();
  for (int64_t k = 0; k < shape_.values(); ++k) {
    const S* const w = parameters.weight + k * filters_;
    const S* const cw = folded.covariance_weights.data() + k * filters_;
    for (int64_t f = 0; f < filters_; ++f) r[f] += w[f] * cw[f];
  }
  for (int64_t f = 0; f < filters_; ++f) r[f] = 1 / std::sqrt(r[f]);
  FoldWeights(parameters, folded);
  return folded;
}

template <typename S>
FoldedBlock<S> FirstBlock<S>::FoldWithStatisticsOf(const FoldedBlock<S>& batch,
                                                   const Parameters& parameters, const S* images,
                                                   int64_t num_images) const {
  FoldedBlock<S> folded;
  folded.patches = ExtractPatches(shape_, kernels_, images, num_images, &batch.patches.mean);
  folded.inverse_deviation = Buffer<S>(filters_);
  std::copy_n(batch.inverse_deviation.data(), filters_, folded.inverse_deviation.data());
  FoldWeights(parameters, folded);
  return folded;
}

template <typename S>
void FirstBlock<S>::FoldWeights(const Parameters& parameters, FoldedBlock<S>& folded) const {
  const S* const r = folded.inverse_deviation.data();
  folded.weights = Buffer<S>((shape_.values() + 1) * filters_);
  for (int64_t k = 0; k < shape_.values(); ++k) {
    const S* const w = parameters.weight + k * filters_;
    S* const e = folded.weights.data() + k * filters_;
    for (int64_t f = 0; f < filters_; ++f) e[f] = parameters.scale[f] * r[f] * w[f];
  }
  std::copy_n(parameters.shift, filters_, folded.weights.data() + shape_.values() * filters_);
}

template <typename S>
void FirstBlock<S>::Backward(const Parameters& parameters, const FoldedBlock<S>& folded,
                             const Parameters& gradient) const {
  const int64_t values = shape_.values();
  for (int64_t f = 0; f < filters_; ++f) {
    const auto at = [&](const S* rows, int64_t k) { return rows[k * filters_ + f]; };
    const S* const g = folded.patch_gradients.data();
    const S scale = parameters.scale[f], r = folded.inverse_deviation[f], r3 = r * r * r;
    S t = 0;
    for (int64_t k = 0; k < values; ++k) t += at(parameters.weight, k) * at(g, k);
    gradient.scale[f] = r * t;
    gradient.shift[f] = at(g, values);
    for (int64_t k = 0; k < values; ++k) {
      const S cw = at(folded.covariance_weights.data(), k);
      gradient.weight[k * filters_ + f] = scale * (r * at(g, k) - r3 * t * cw);
    }
  }
}

template <typename S>
FoldedTangent<S> FirstBlock<S>::FoldTangent(const Parameters& parameters,
                                            const Parameters& direction,
                                            const FoldedBlock<S>& folded) const {
  const int64_t values = shape_.values();
  FoldedTangent<S> tangent;
  tangent.covariance_weights = TimesCovariance(folded.patches, direction.weight);
  tangent.inverse_deviation = Buffer<S>(filters_);
  tangent.weights = Buffer<S>((values + 1) * filters_);
  for (int64_t f = 0; f < filters_; ++f) {
    const auto at = [&](const S* rows, int64_t k) { return rows[k * filters_ + f]; };
    const S* const cw = folded.covariance_weights.data();
    S product = 0;
    for (int64_t k = 0; k < values; ++k) product += at(cw, k) * at(direction.weight, k);
    const S scale = parameters.scale[f], r = folded.inverse_deviation[f];
    const S dr = -r * r * r * product;
    tangent.inverse_deviation[f] = dr;
    const S factor_tangent = direction.scale[f] * r + scale * dr;
    for (int64_t k = 0; k < values; ++k) {
      tangent.weights[k * filters_ + f] =
          factor_tangent * at(parameters.weight, k) + scale * r * at(direction.weight, k);
    }
    tangent.weights[values * filters_ + f] = direction.shift[f];
  }
  return tangent;
}

template <typename S>
void FirstBlock<S>::TangentBackward(const Parameters& parameters, const Parameters& direction,
                                    const FoldedBlock<S>& folded, const FoldedTangent<S>& tangent,
                                    const Buffer<S>& patch_gradient_tangents,
                                    const Parameters& product) const {
  const int64_t values = shape_.values();
  const S* const g = folded.patch_gradients.data();
  const S* const dg = patch_gradient_tangents.data();
  for (int64_t f = 0; f < filters_; ++f) {
    const auto at = [&](const S* rows, int64_t k) { return rows[k * filters_ + f]; };
    const S scale = parameters.scale[f], dscale = direction.scale[f];
    const S r = folded.inverse_deviation[f], dr = tangent.inverse_deviation[f];
    S t = 0, dt = 0;
    for (int64_t k = 0; k < values; ++k) {
      t += at(parameters.weight, k) * at(g, k);
      dt += at(direction.weight, k) * at(g, k) + at(parameters.weight, k) * at(dg, k);
    }
    product.scale[f] = dr * t + r * dt;
    product.shift[f] = at(dg, values);
    // g_w = a G - b C w with a = scale r and b = scale r^3 t.
    const S a = scale * r, da = dscale * r + scale * dr;
    const S b = a * r * r * t;
    const S db = dscale * r * r * r * t + 3 * scale * r * r * dr * t + a * r * r * dt;
    for (int64_t k = 0; k < values; ++k) {
      const S cw = at(folded.covariance_weights.data(), k);
      const S dcw = at(tangent.covariance_weights.data(), k);
      product.weight[k * filters_ + f] = da * at(g, k) + a * at(dg, k) - db * cw - b * dcw;
    }
  }
}

template <typename S>
void FirstBlock<S>::Outputs(const FoldedBlock<S>& folded, ImageRange images, S* outputs) const {
  if (!takes_maxima_) {
    Map(folded, folded.weights, Pixels(images), /*rectify=*/true, /*mask=*/nullptr, outputs);
    return;
  }
  const Buffer<S> y = MakeBandBuffer();
  ForEachBand(images, [&](const Band& band) {
    Map(folded, folded.weights, band.pixels, /*rectify=*/false, /*mask=*/nullptr, y.data());
    kernels_.pool({.rows = band.pixels.count,
                   .channels = filters_,
                   .windows = band.windows,
                   .inputs = y.data(),
                   .tangents = nullptr,
                   .activations = outputs + band.outputs,
                   .activation_tangents = nullptr});
  });
}

template <typename S>
void FirstBlock<S>::OutputTangents(const FoldedBlock<S>& folded, const FoldedTangent<S>& tangent,
                                   ImageRange images, const S* outputs, S* tangents) const {
  if (!takes_maxima_) {
    Map(folded, tangent.weights, Pixels(images), /*rectify=*/false, /*mask=*/outputs, tangents);
    return;
  }
  const Buffer<S> y = MakeBandBuffer(), y_tangents = MakeBandBuffer();
  ForEachBand(images, [&](const Band& band) {
    Map(folded, folded.weights, band.pixels, /*rectify=*/false, /*mask=*/nullptr, y.data());
    Map(folded, tangent.weights, band.pixels, /*rectify=*/false, /*mask=*/nullptr,
        y_tangents.data());
    kernels_.pool({.rows = band.pixels.count,
                   .channels = filters_,
                   .windows = band.windows,
                   .inputs = y.data(),
                   .tangents = y_tangents.data(),
                   .activations = nullptr,
                   .activation_tangents = tangents + band.outputs});
  });
}

template <typename S>
void FirstBlock<S>::AddPatchGradients(const FoldedBlock<S>& folded, ImageRange images,
                                      const S* gradients, const Buffer<S>& sums) const {
  if (!takes_maxima_) {
    AddProducts(folded, Pixels(images), gradients, sums);
    return;
  }
  const Buffer<S> y = MakeBandBuffer(), y_gradients = MakeBandBuffer();
  ForEachBand(images, [&](const Band& band) {
    Map(folded, folded.weights, band.pixels, /*rectify=*/false, /*mask=*/nullptr, y.data());
    kernels_.pool_backward({.rows = band.pixels.count,
                            .channels = filters_,
                            .windows = band.windows,
                            .inputs = y.data(),
                            .activation_gradient = gradients + band.outputs,
                            .gradient = y_gradients.data()});
    AddProducts(folded, band.pixels, y_gradients.data(), sums);
  });
}

template <typename S>
typename FirstBlock<S>::PixelRange FirstBlock<S>::Pixels(ImageRange images) const {
  const int64_t pixels = shape_.outputs().pixels();
  return {images.first * pixels, images.count * pixels};
}

template <typename S>
template <typename Body>
void FirstBlock<S>::ForEachBand(ImageRange images, const Body& body) const {
  const ImageSize size = shape_.outputs();
  int64_t done = 0;
  for (int64_t image = images.first; image < images.first + images.count; ++image) {
    for (int64_t y = 0; y + 1 < size.height; y += 2, done += size.width / 2 * filters_) {
      body(Band{{image * size.pixels() + y * size.width, 2 * size.width}, done, {2, size.width}});
    }
  }
}

template <typename S>
void FirstBlock<S>::Map(const FoldedBlock<S>& folded, const Buffer<S>& weights, PixelRange pixels,
                        bool rectify, const S* mask, S* outputs) const {
  const int64_t row_size = shape_.row_size();
  kernels_.convolve(
      {.groups = &SinglePixelGroup(),
       .num_groups = 1,
       .images = pixels.count,
       .source_pixels = 1,
       .source_stride = row_size,
       .target_pixels = 1,
       .channels = shape_.values(),
       .filters = filters_,
       .terms = {{folded.patches.rows.data() + pixels.first * row_size, weights.data()}},
       .bias = weights.data() + shape_.values() * filters_,
       .mask = mask,
       .rectify = rectify,
       .targets = outputs});
}

template <typename S>
void FirstBlock<S>::AddProducts(const FoldedBlock<S>& folded, PixelRange pixels, const S* gradients,
                                const Buffer<S>& sums) const {
  const int64_t row_size = shape_.row_size();
  kernels_.weight_gradient(
      {.taps = &SinglePixelList(),
       .num_taps = 1,
       .images = pixels.count,
       .source_pixels = 1,
       .source_stride = row_size,
       .target_pixels = 1,
       .channels = shape_.values() + 1,
       .filters = filters_,
       .terms = {{folded.patches.rows.data() + pixels.first * row_size, gradients}},
       .add = true,
       .gradient = sums.data()});
}

template <typename S>
Buffer<S> FirstBlock<S>::TimesCovariance(const Patches<S>& patches, const S* weights) const {
  Buffer<S> product(shape_.values() * filters_);
  kernels_.convolve({.groups = &SinglePixelGroup(),
                     .num_groups = 1,
                     .images = shape_.values(),
                     .source_pixels = 1,
                     .source_stride = shape_.row_size(),
                     .target_pixels = 1,
                     .channels = shape_.values(),
                     .filters = filters_,
                     .terms = {{patches.covariance.data(), weights}},
                     .targets = product.data()});
  return product;
}

template <typename S>
FirstBlockOutputs<S>::FirstBlockOutputs(const FirstBlock<S>& block, const FoldedBlock<S>& folded,
                                        const FoldedTangent<S>* tangent,
                                        const Buffer<S>* patch_gradients, int64_t most_images)
    : block_(block),
      folded_(folded),
      tangent_(tangent),
      patch_gradients_(patch_gradients),
      values_(most_images * block.output_size()),
      tangents_(tangent == nullptr ? 0 : values_.size()),
      gradient_(patch_gradients == nullptr ? 0 : values_.size()) {}

template <typename S>
const S* FirstBlockOutputs<S>::Values(ImageRange images) {
  block_.Outputs(folded_, images, values_.data());
  return values_.data();
}

template <typename S>
const S* FirstBlockOutputs<S>::Tangents(ImageRange images) {
  block_.OutputTangents(folded_, *tangent_, images, values_.data(), tangents_.data());
  return tangents_.data();
}

template <typename S>
typename FirstBlockOutputs<S>::GradientTarget FirstBlockOutputs<S>::Gradient(ImageRange images) {
  return {gradient_.data(), values_.data()};
}

template <typename S>
void FirstBlockOutputs<S>::TakeGradient(ImageRange images) {
  block_.AddPatchGradients(folded_, images, gradient_.data(), *patch_gradients_);
}

template class FirstBlock<float>;
template class FirstBlock<double>;
template class FirstBlockOutputs<float>;
template class FirstBlockOutputs<double>;

}  // namespace outerloop::meta::cpu
