#include "meta/cpu/conv4_encoder.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "meta/cpu/shard.h"

namespace outerloop::meta::cpu {
namespace {

using torch::Tensor;

// What was encoded, for rules that the kernels leave to LibTorch's layers.
struct ShardRecord : Encoder::Record {
  Tensor parameters;  // [T, P]
  Tensor inputs;
};

template <typename S>
struct EncodedShard final : ShardRecord {
  struct Task {
    BodyRecord<S> body;
    Activations<S> values;
  };
  std::vector<Task> tasks;
};

// to[i, column, row] = from[i, row, column]
template <typename S>
void TransposeEach(const S* from, int64_t matrices, int64_t rows, int64_t columns, S* to) {
  const int64_t size = rows * columns;
  for (int64_t i = 0; i < matrices; ++i, from += size, to += size) {
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t column = 0; column < columns; ++column) {
        to[column * rows + row] = from[row * columns + column];
      }
    }
  }
}

// One type of number: the encoder's rules over a shard.
template <typename S>
class ShardRules {
 public:
  ShardRules(const Conv4Options& options, const ParameterLayout& layout, const Kernels<S>& kernels)
      : body_(BodyOptionsOf(options), kernels),
        shape_(body_.ShapeWith(/*ways=*/0)),
        packing_(shape_, layout, kernels) {}

  Encoder::Encoding Encode(const Tensor& parameters, const Tensor& inputs) const {
    const int64_t images = inputs.size(1);
    auto record = std::make_unique<EncodedShard<S>>();
    record->parameters = parameters;
    record->inputs = inputs;
    const Tensor features = MakeFeatures(inputs);
    ForEachTask(packing_, parameters, [&](int64_t task, const auto& packed) {
      auto& kept = record->tasks.emplace_back();
      kept.values = body_.MakeActivations(images);
      body_.Forward(packed, TaskOf<S>(inputs, task), images, kept.values, kept.body);
      TakeFeatures(kept.values, images, TaskOf<S>(features, task));
    });
    return {features, std::move(record)};
  }

  // The parameters' gradient.
  Tensor Backward(const Tensor& feature_gradient, Encoder::Record& record) const {
    auto& kept = dynamic_cast<EncodedShard<S>&>(record);
    const int64_t images = kept.inputs.size(1);
    const Tensor gradient = torch::empty_like(kept.parameters, torch::MemoryFormat::Contiguous);
    const BackwardWorkspace<S> workspace = body_.MakeBackwardWorkspace(images);
    const PackedParameters<S> packed = packing_.Allocate(/*transposed=*/false);
    for (int64_t task = 0; task < gradient.size(0); ++task) {
      auto& [body, values] = kept.tasks[static_cast<size_t>(task)];
      TransposeEach(TaskOf<S>(feature_gradient, task), images, shape_.filters, shape_.pixels,
                    workspace.gradients.back().data());
      body_.Backward(values, workspace, body, packed);
      packing_.Unpack(packed, TaskOf<S>(gradient, task));
    }
    return gradient;
  }

  Tensor EncodeWithStatisticsOf(const Encoder::Record& record, const Tensor& inputs) const {
    const auto& kept = dynamic_cast<const EncodedShard<S>&>(record);
    const int64_t images = inputs.size(1);
    const Tensor features = MakeFeatures(inputs);
    const Activations<S> values = body_.MakeActivations(images);
    for (int64_t task = 0; task < inputs.size(0); ++task) {
      body_.ForwardWithStatisticsOf(kept.tasks[static_cast<size_t>(task)].body,
                                    TaskOf<S>(inputs, task), images, values);
      TakeFeatures(values, images, TaskOf<S>(features, task));
    }
    return features;
  }

 private:
  Tensor MakeFeatures(const Tensor& inputs) const {
    return inputs.new_empty({inputs.size(0), inputs.size(1), shape_.features()});
  }

  // In the order of the layered encoder: filters, pixels.
  void TakeFeatures(const Activations<S>& values, int64_t images, S* to) const {
    TransposeEach(values.back().data(), images, shape_.pixels, shape_.filters, to);
  }

  const Body<S> body_;
  const NetworkShape shape_;
  const ParameterPacking<S> packing_;
};

class Conv4Encoder final : public Encoder {
 public:
  Conv4Encoder(const Conv4Options& options, InstructionSet instruction_set)
      : options_(options),
        layered_(meta::MakeConv4Encoder(options)),
        rules_(instruction_set, options, layered_->layout()) {}

  const ParameterLayout& layout() const override { return layered_->layout(); }
  const std::map<std::string, InitialRange>& initial_ranges() const override {
    return layered_->initial_ranges();
  }
  int64_t features() const override { return layered_->features(); }

  Encoding Encode(const Tensor& parameters, const Tensor& inputs) const override {
    const torch::NoGradGuard no_autograd;
    CheckShard(options_, layout(), parameters, inputs);
    return rules_.With(parameters, [&](const auto& rules) {
      return rules.Encode(parameters, inputs.contiguous());
    });
  }

  Gradients Backward(const Tensor& feature_gradient, bool wants_inputs,
                     Record& record) const override {
    const torch::NoGradGuard no_autograd;
    const auto& encoded = dynamic_cast<const ShardRecord&>(record);
    TORCH_CHECK(
        feature_gradient.sizes() ==
                torch::IntArrayRef({encoded.inputs.size(0), encoded.inputs.size(1), features()}) &&
            feature_gradient.scalar_type() == encoded.inputs.scalar_type(),
        "the gradient is ", feature_gradient.sizes(), ", not as the features of ",
        encoded.inputs.sizes());
    const Tensor parameters = rules_.With(feature_gradient, [&](const auto& rules) {
      return rules.Backward(feature_gradient.contiguous(), record);
    });
    return {parameters, wants_inputs ? InputGradient(feature_gradient, encoded) : Tensor()};
  }

  Tensor EncodeWithStatisticsOf(const Record& record, const Tensor& parameters,
                                const Tensor& inputs) const override {
    const torch::NoGradGuard no_autograd;
    CheckShard(options_, layout(), parameters, inputs);
    const auto& encoded = dynamic_cast<const ShardRecord&>(record);
    TORCH_CHECK(inputs.size(0) == encoded.inputs.size(0) &&
                    inputs.scalar_type() == encoded.inputs.scalar_type(),
                "the statistics are of ", encoded.inputs.sizes(), ", the inputs ", inputs.sizes());
    return rules_.With(parameters, [&](const auto& rules) {
      return rules.EncodeWithStatisticsOf(record, inputs.contiguous());
    });
  }

  bool has_batch_statistics() const override { return layered_->has_batch_statistics(); }

 private:
  Tensor InputGradient(const Tensor& feature_gradient, const ShardRecord& encoded) const {
    const Encoding again = layered_->Encode(encoded.parameters, encoded.inputs);
    return layered_->Backward(feature_gradient, /*wants_inputs=*/true, *again.record).inputs;
  }

  const Conv4Options options_;
  // Names, shapes and initial values do not depend on the back end.
  const std::unique_ptr<const Encoder> layered_;
  const ForEitherType<ShardRules> rules_;
};

}  // namespace

std::unique_ptr<const Encoder> MakeConv4Encoder(const Conv4Options& options,
                                                InstructionSet instruction_set) {
  TORCH_CHECK(CanCompute(options, instruction_set), "no kernels for this network");
  return std::make_unique<Conv4Encoder>(options, instruction_set);
}

}  // namespace outerloop::meta::cpu
