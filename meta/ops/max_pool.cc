#include "meta/ops/max_pool.h"

#include <tuple>
#include <utility>

namespace outerloop::meta {
namespace {

using torch::Tensor;

constexpr int64_t kWindow = 2;

// [T, N, C, H, W] as [N, H * W, T * C]: a view where the memory is in the order N, H, W, T, C.
Tensor Pixels(const Tensor& images) {
  return images.permute({1, 3, 4, 0, 2}).flatten(3, 4).flatten(1, 2);
}

// The inverse, a view. `sizes` are the images'.
Tensor Images(const Tensor& pixels, torch::IntArrayRef sizes) {
  return pixels.unflatten(2, {sizes[0], sizes[2]})
      .unflatten(1, {sizes[3], sizes[4]})
      .permute({3, 0, 4, 1, 2});
}

struct ForwardRecord {
  std::vector<int64_t> input_sizes;
  std::vector<int64_t> output_sizes;
  Tensor largest;  // The pixels that outputs are from: 0 .. H * W - 1 [N, H' * W', T * C].
};

// What of the inputs' `values` goes into the outputs. (LibTorch has a rule for the way back as
// well, but on GPUs it adds in any order.)
Tensor Forwards(const Tensor& values, const ForwardRecord& record) {
  return Images(Pixels(values).gather(1, record.largest), record.output_sizes);
}

// The outputs' `gradient` where it belongs among the inputs, zero elsewhere.
Tensor Backwards(const Tensor& gradient, const ForwardRecord& record) {
  const Tensor pixels = Pixels(gradient);
  const int64_t input_pixels = record.input_sizes[3] * record.input_sizes[4];
  const Tensor inputs = pixels.new_zeros({pixels.size(0), input_pixels, pixels.size(2)});
  return Images(inputs.scatter(1, record.largest, pixels), record.input_sizes);
}

class MaxPool final : public Layer {
 public:
  Tensor Forward(const Parameters& parameters, const Tensor& inputs,
                 Record& record) const override {
    const int64_t tasks = inputs.size(0);
    const auto [outputs, indices] = torch::max_pool2d_with_indices(
        inputs.transpose(0, 1).flatten(1, 2), /*kernel_size=*/kWindow, /*stride=*/kWindow);
    ForwardRecord kept;
    kept.input_sizes = inputs.sizes().vec();
    kept.largest = indices.permute({0, 2, 3, 1}).flatten(1, 2);
    Tensor ungrouped = outputs.unflatten(1, {tasks, inputs.size(2)}).transpose(0, 1);
    kept.output_sizes = ungrouped.sizes().vec();
    record = std::move(kept);
    return ungrouped;
  }

  Gradients Backward(const Tensor& output_gradient, bool wants_inputs,
                     Record& record) const override {
    return {Backwards(output_gradient, std::any_cast<const ForwardRecord&>(record)), {}};
  }

  Tensor TangentForward(const Parameters& parameter_tangent, const Tensor& input_tangent,
                        const Record& record, Record& tangent_record) const override {
    return Forwards(input_tangent, std::any_cast<const ForwardRecord&>(record));
  }

  Gradients TangentBackward(const Tensor& output_gradient_tangent, bool wants_inputs,
                            const Record& record, const Record& tangent_record) const override {
    return {Backwards(output_gradient_tangent, std::any_cast<const ForwardRecord&>(record)), {}};
  }
};

}  // namespace

std::unique_ptr<const Layer> MakeMaxPool() { return std::make_unique<MaxPool>(); }

}  // namespace outerloop::meta
