// The networks of model.h and second-order MAML written plainly on LibTorch's autograd, a task at a
// time: what tests compare with, and what benchmarks race against. Shares no rule with meta/ops.
#ifndef OUTERLOOP_META_MODELS_AUTOGRAD_REFERENCE_H_
#define OUTERLOOP_META_MODELS_AUTOGRAD_REFERENCE_H_

#include <cstdint>
#include <functional>

#include "meta/models/model.h"
#include "meta/parameters.h"
#include "meta/task_shard.h"
#include "torch/torch.h"

namespace outerloop::meta {

// One task's mean loss, differentiable in `parameters` [P]. Inputs are [N, ...], targets [N] or
// [N, K].
using TaskLoss = std::function<torch::Tensor(
    const torch::Tensor& parameters, const torch::Tensor& inputs, const torch::Tensor& targets)>;

// One task's features [N, F] of inputs [N, ...], differentiable in `parameters` [P] and `inputs`.
using TaskFeatures =
    std::function<torch::Tensor(const torch::Tensor& parameters, const torch::Tensor& inputs)>;

// Of MakeConv4Encoder's network; of MakeMlpImageEncoder's with `layers` linear layers.
TaskFeatures AutogradConv4Features(const ParameterLayout& layout,
                                   Pooling pooling = Pooling::kStrided,
                                   const Normalization& normalization = {});
TaskFeatures AutogradMlpFeatures(const ParameterLayout& layout, int layers);

// Of MakeResNet12's network, with features that are averages.
TaskFeatures AutogradResNet12Features(const ParameterLayout& layout,
                                      const Normalization& normalization = {});
TaskLoss AutogradResNet12Loss(const ParameterLayout& layout,
                              const Normalization& normalization = {});

// Of MakeConv4's network.
TaskLoss AutogradConv4Loss(const ParameterLayout& layout, Pooling pooling = Pooling::kStrided,
                           const Normalization& normalization = {});
// Of MakeMlpRegression's and MakeMlpClassification's, with `layers` linear layers.
TaskLoss AutogradMlpRegressionLoss(const ParameterLayout& layout, int layers);
TaskLoss AutogradMlpGaussianLoss(const ParameterLayout& layout, int layers);
TaskLoss AutogradMlpClassificationLoss(const ParameterLayout& layout, int layers);

// [P], without a graph.
torch::Tensor AutogradGradient(const TaskLoss& loss, const torch::Tensor& parameters,
                               const torch::Tensor& inputs, const torch::Tensor& targets);
// The Hessian times `direction`, [P].
torch::Tensor AutogradHessianVectorProduct(const TaskLoss& loss, const torch::Tensor& parameters,
                                           const torch::Tensor& inputs,
                                           const torch::Tensor& targets,
                                           const torch::Tensor& direction);

// The gradient of the query loss after `inner_steps` steps of gradient descent on the support loss,
// differentiated through those steps; summed over the shard's tasks, [P].
torch::Tensor AutogradMetaGradient(const TaskLoss& loss, const torch::Tensor& parameters,
                                   const TaskShard& shard, int inner_steps, double inner_rate);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_AUTOGRAD_REFERENCE_H_
