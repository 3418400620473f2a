#include "meta/models/model_factory.h"

#include <utility>

#include "meta/models/model.h"

namespace outerloop::meta {
namespace {

using LearnerPtr = std::shared_ptr<const Learner>;

std::vector<int64_t> WidthsOf(const v1::Mlp& mlp) {
  return {mlp.hidden().begin(), mlp.hidden().end()};
}

LearnerPtr MakeClassifier(const v1::Model& model, const TaskShape& shape, const BackEnd& back_end) {
  TORCH_CHECK_VALUE(shape.inputs.size() == 3, "images have channels, height and width");
  const int64_t channels = shape.inputs[0], height = shape.inputs[1], width = shape.inputs[2];
  switch (model.kind_case()) {
    case v1::Model::kConv4:
      return back_end.MakeConv4({.channels = channels,
                                 .height = height,
                                 .width = width,
                                 .filters = model.conv4().filters(),
                                 .ways = shape.outputs,
                                 .pooling = model.conv4().pooling() == v1::Conv4::MAX
                                                ? Pooling::kMax
                                                : Pooling::kStrided});
    case v1::Model::kMlp:
      return MakeMlpClassification({.channels = channels,
                                    .height = height,
                                    .width = width,
                                    .hidden = WidthsOf(model.mlp()),
                                    .ways = shape.outputs});
    default:
      TORCH_CHECK_VALUE(false, "model: classifies no images");
  }
}

LearnerPtr MakeRegressor(const v1::Model& model, const TaskShape& shape) {
  TORCH_CHECK_VALUE(model.has_mlp() && shape.inputs.size() == 1, "model: values take an mlp");
  return MakeMlpRegression(
      {.inputs = shape.inputs[0], .hidden = WidthsOf(model.mlp()), .outputs = shape.outputs});
}

}  // namespace

ModelFactory::ModelFactory(v1::Model model, TaskShape shape, const BackEnd& back_end)
    : model_(std::move(model)), shape_(std::move(shape)), back_end_(back_end) {}

LearnerPtr ModelFactory::MakeLearner() const {
  return shape_.targets == TaskShape::Targets::kClasses ? MakeClassifier(model_, shape_, back_end_)
                                                        : MakeRegressor(model_, shape_);
}

}  // namespace outerloop::meta
