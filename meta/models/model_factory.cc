#include "meta/models/model_factory.h"

#include <algorithm>
#include <utility>

#include "meta/models/model.h"
#include "meta/models/regression.h"
#include "meta/models/resnet12.h"
#include "meta/models/sequential.h"
#include "meta/ops/cross_entropy.h"

namespace outerloop::meta {
namespace {

using EncoderPtr = std::shared_ptr<const Encoder>;
using LearnerPtr = std::shared_ptr<const Learner>;

std::vector<int64_t> WidthsOf(const v1::Mlp& mlp) {
  return {mlp.hidden().begin(), mlp.hidden().end()};
}

Conv4Options Conv4Of(const v1::Conv4& conv4, const TaskShape& shape) {
  return {.channels = shape.inputs[0],
          .height = shape.inputs[1],
          .width = shape.inputs[2],
          .filters = conv4.filters(),
          .ways = shape.outputs,
          .pooling = conv4.pooling() == v1::Conv4::MAX ? Pooling::kMax : Pooling::kStrided,
          .normalization = NormalizationOf(conv4.normalization()),
          .initial_weights = conv4.initial_weights() == v1::Conv4::GLOROT
                                 ? InitialWeights::kGlorotUniform
                                 : InitialWeights::kHeUniform};
}

MlpClassificationOptions MlpOf(const v1::Mlp& mlp, const TaskShape& shape) {
  return {.channels = shape.inputs[0],
          .height = shape.inputs[1],
          .width = shape.inputs[2],
          .hidden = WidthsOf(mlp),
          .ways = shape.outputs};
}

FeatureLayers ResNet12Of(const v1::ResNet12& resnet12, const TaskShape& shape) {
  ResNet12Options options = {.channels = shape.inputs[0],
                             .height = shape.inputs[1],
                             .width = shape.inputs[2],
                             .normalization = NormalizationOf(resnet12.normalization()),
                             .averages = !resnet12.flatten()};
  TORCH_CHECK_VALUE(resnet12.filters_size() == 4, "resnet12 has four blocks");
  std::copy(resnet12.filters().begin(), resnet12.filters().end(), options.filters.begin());
  return MakeResNet12(options);
}

RegressionLoss RegressionLossOf(const v1::Model& model) {
  return model.regression_loss() == v1::Model::GAUSSIAN ? RegressionLoss::kGaussianLikelihood
                                                        : RegressionLoss::kMeanSquaredError;
}

void CheckImages(const TaskShape& shape) {
  TORCH_CHECK_VALUE(IsImage(shape.inputs), "images have channels, height and width");
}

LearnerPtr MakeClassifier(const v1::Model& model, const TaskShape& shape, const BackEnd& back_end) {
  CheckImages(shape);
  switch (model.kind_case()) {
    case v1::Model::kConv4:
      return back_end.MakeConv4(Conv4Of(model.conv4(), shape));
    case v1::Model::kMlp:
      return MakeMlpClassification(MlpOf(model.mlp(), shape));
    case v1::Model::kSequential:
      return MakeLearner(MakeSequential(model.sequential(), shape.inputs), shape.outputs,
                         MakeCrossEntropy());
    case v1::Model::kResnet12:
      return MakeLearner(ResNet12Of(model.resnet12(), shape), shape.outputs, MakeCrossEntropy());
    default:
      TORCH_CHECK_VALUE(false, "model: classifies no images");
  }
}

LearnerPtr MakeRegressor(const v1::Model& model, const TaskShape& shape) {
  TORCH_CHECK_VALUE(!IsImage(shape.inputs), "values are predicted of values");
  const RegressionLoss loss = RegressionLossOf(model);
  switch (model.kind_case()) {
    case v1::Model::kMlp:
      return MakeMlpRegression({.inputs = shape.inputs[0],
                                .hidden = WidthsOf(model.mlp()),
                                .outputs = shape.outputs,
                                .loss = loss});
    case v1::Model::kSequential:
      return MakeLearner(MakeSequential(model.sequential(), shape.inputs),
                         OutputsOf(loss, shape.outputs), MakeLoss(loss));
    default:
      TORCH_CHECK_VALUE(false, "model: predicts no values");
  }
}

}  // namespace

ModelFactory::ModelFactory(v1::Model model, TaskShape shape, const BackEnd& back_end)
    : model_(std::move(model)), shape_(std::move(shape)), back_end_(back_end) {}

LearnerPtr ModelFactory::MakeLearner() const {
  return shape_.targets == TaskShape::Targets::kClasses ? MakeClassifier(model_, shape_, back_end_)
                                                        : MakeRegressor(model_, shape_);
}

EncoderPtr ModelFactory::MakeEncoder() const {
  CheckImages(shape_);
  switch (model_.kind_case()) {
    case v1::Model::kConv4:
      return back_end_.MakeConv4Encoder(Conv4Of(model_.conv4(), shape_));
    case v1::Model::kMlp:
      return MakeMlpImageEncoder(MlpOf(model_.mlp(), shape_));
    case v1::Model::kSequential:
      return meta::MakeEncoder(MakeSequential(model_.sequential(), shape_.inputs));
    case v1::Model::kResnet12:
      return meta::MakeEncoder(ResNet12Of(model_.resnet12(), shape_));
    default:
      TORCH_CHECK_VALUE(false, "model: encodes no images");
  }
}

EncoderPtr ModelFactory::MakeMlp(int64_t inputs, int64_t outputs) const {
  TORCH_CHECK_VALUE(model_.has_mlp(), "model: an mlp is needed");
  return MakeMlpEncoder({.inputs = inputs, .hidden = WidthsOf(model_.mlp()), .outputs = outputs});
}

}  // namespace outerloop::meta
