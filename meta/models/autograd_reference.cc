#include "meta/models/autograd_reference.h"

#include <numbers>
#include <string>

namespace outerloop::meta {
namespace {

using torch::Tensor;

// A copy of `parameters` that autograd differentiates by.
Tensor Variable(const Tensor& parameters) { return parameters.detach().clone().requires_grad_(); }

// A convolution with the parameter `conv`.weight, normalised with `norm`.scale and `norm`.shift, or
// with the bias `conv`.bias instead.
Tensor NormalizedConvolution(const ParameterLayout& layout, const std::string& conv,
                             const std::string& norm, const Tensor& parameters,
                             const Tensor& inputs, int64_t stride,
                             const Normalization& normalization) {
  const auto parameter = [&](const std::string& name) { return View(parameters, layout.at(name)); };
  const Tensor weight = parameter(conv + ".weight");
  const int64_t padding = weight.size(2) / 2;
  if (normalization.kind == Normalization::Kind::kNone) {
    return torch::conv2d(inputs, weight, parameter(conv + ".bias"), stride, padding);
  }
  const Tensor convolved = torch::conv2d(inputs, weight, /*bias=*/{}, stride, padding);
  const Tensor scale = parameter(norm + ".scale"), shift = parameter(norm + ".shift");
  if (normalization.kind == Normalization::Kind::kGroup) {
    return torch::group_norm(convolved, normalization.groups, scale, shift, /*eps=*/1e-5,
                             /*cudnn_enabled=*/false);
  }
  return torch::batch_norm(convolved, scale, shift, /*running_mean=*/{}, /*running_var=*/{},
                           /*training=*/true, /*momentum=*/0, /*eps=*/1e-5,
                           /*cudnn_enabled=*/false);
}

Tensor Linear(const ParameterLayout& layout, const std::string& name, const Tensor& parameters,
              const Tensor& inputs) {
  return torch::linear(inputs, View(parameters, layout.at(name + ".weight")),
                       View(parameters, layout.at(name + ".bias")));
}

Tensor Blocks(const ParameterLayout& layout, const Tensor& parameters, const Tensor& inputs,
              Pooling pooling, const Normalization& normalization) {
  Tensor outputs = inputs;
  for (const std::string block : {"block1", "block2", "block3", "block4"}) {
    outputs = torch::relu(
        NormalizedConvolution(layout, block + ".conv", block + ".norm", parameters, outputs,
                              pooling == Pooling::kStrided ? 2 : 1, normalization));
    if (pooling == Pooling::kMax) outputs = torch::max_pool2d(outputs, /*kernel_size=*/2);
  }
  return outputs.flatten(1);
}

Tensor ResidualBlock(const ParameterLayout& layout, const std::string& block,
                     const Tensor& parameters, const Tensor& inputs,
                     const Normalization& normalization) {
  const auto convolve = [&](const Tensor& images, const std::string& conv,
                            const std::string& norm) {
    return NormalizedConvolution(layout, block + conv, block + norm, parameters, images,
                                 /*stride=*/1, normalization);
  };
  const Tensor first = torch::leaky_relu(convolve(inputs, ".conv1", ".norm1"), 0.1);
  const Tensor second = torch::leaky_relu(convolve(first, ".conv2", ".norm2"), 0.1);
  const Tensor sum =
      convolve(second, ".conv3", ".norm3") + convolve(inputs, ".shortcut.conv", ".shortcut.norm");
  return torch::max_pool2d(torch::leaky_relu(sum, 0.1), /*kernel_size=*/2);
}

Tensor Mlp(const ParameterLayout& layout, int layers, const Tensor& parameters,
           const Tensor& inputs) {
  Tensor outputs = inputs.flatten(1);
  for (int number = 1; number <= layers; ++number) {
    outputs = Linear(layout, "linear" + std::to_string(number), parameters, outputs);
    if (number < layers) outputs = torch::relu(outputs);
  }
  return outputs;
}

Tensor MetaGradientOfTask(const TaskLoss& loss, const Tensor& parameters, const TaskShard& shard,
                          int64_t task, int inner_steps, double inner_rate) {
  const Tensor initial = Variable(parameters);
  Tensor adapted = initial;
  for (int step = 0; step < inner_steps; ++step) {
    const Tensor support = loss(adapted, shard.support_inputs[task], shard.support_targets[task]);
    const Tensor gradient = torch::autograd::grad({support}, {adapted}, {}, /*retain_graph=*/true,
                                                  /*create_graph=*/true)[0];
    adapted = adapted - inner_rate * gradient;
  }
  const Tensor query = loss(adapted, shard.query_inputs[task], shard.query_targets[task]);
  return torch::autograd::grad({query}, {initial})[0];
}

}  // namespace

TaskFeatures AutogradConv4Features(const ParameterLayout& layout, Pooling pooling,
                                   const Normalization& normalization) {
  return [=](const Tensor& parameters, const Tensor& inputs) {
    return Blocks(layout, parameters, inputs, pooling, normalization);
  };
}

TaskFeatures AutogradMlpFeatures(const ParameterLayout& layout, int layers) {
  return [=](const Tensor& parameters, const Tensor& inputs) {
    return torch::relu(Mlp(layout, layers, parameters, inputs));
  };
}

TaskFeatures AutogradResNet12Features(const ParameterLayout& layout,
                                      const Normalization& normalization) {
  return [=](const Tensor& parameters, const Tensor& inputs) {
    Tensor outputs = inputs;
    for (const char* block : {"block1", "block2", "block3", "block4"}) {
      outputs = ResidualBlock(layout, block, parameters, outputs, normalization);
    }
    return outputs.mean({2, 3});
  };
}

TaskLoss AutogradResNet12Loss(const ParameterLayout& layout, const Normalization& normalization) {
  const TaskFeatures features_of = AutogradResNet12Features(layout, normalization);
  return [=](const Tensor& parameters, const Tensor& inputs, const Tensor& targets) {
    return torch::cross_entropy_loss(
        Linear(layout, "linear", parameters, features_of(parameters, inputs)), targets);
  };
}

TaskLoss AutogradConv4Loss(const ParameterLayout& layout, Pooling pooling,
                           const Normalization& normalization) {
  return [=](const Tensor& parameters, const Tensor& inputs, const Tensor& targets) {
    const Tensor features = Blocks(layout, parameters, inputs, pooling, normalization);
    return torch::cross_entropy_loss(Linear(layout, "linear", parameters, features), targets);
  };
}

TaskLoss AutogradMlpRegressionLoss(const ParameterLayout& layout, int layers) {
  return [=](const Tensor& parameters, const Tensor& inputs, const Tensor& targets) {
    return torch::mse_loss(Mlp(layout, layers, parameters, inputs), targets);
  };
}

TaskLoss AutogradMlpGaussianLoss(const ParameterLayout& layout, int layers) {
  return [=](const Tensor& parameters, const Tensor& inputs, const Tensor& targets) {
    const Tensor outputs = Mlp(layout, layers, parameters, inputs);
    const Tensor mean = outputs.narrow(-1, 0, targets.size(-1));
    const Tensor s = outputs.narrow(-1, targets.size(-1), targets.size(-1));
    const Tensor variance = (0.1 + 0.9 * torch::log1p(s.exp())).square();
    const Tensor density = torch::exp(-(targets - mean).square() / (2 * variance)) /
                           torch::sqrt(2 * std::numbers::pi * variance);
    return -density.log().sum(-1).mean();
  };
}

TaskLoss AutogradMlpClassificationLoss(const ParameterLayout& layout, int layers) {
  return [=](const Tensor& parameters, const Tensor& inputs, const Tensor& targets) {
    return torch::cross_entropy_loss(Mlp(layout, layers, parameters, inputs), targets);
  };
}

Tensor AutogradGradient(const TaskLoss& loss, const Tensor& parameters, const Tensor& inputs,
                        const Tensor& targets) {
  const Tensor variable = Variable(parameters);
  return torch::autograd::grad({loss(variable, inputs, targets)}, {variable})[0];
}

Tensor AutogradHessianVectorProduct(const TaskLoss& loss, const Tensor& parameters,
                                    const Tensor& inputs, const Tensor& targets,
                                    const Tensor& direction) {
  const Tensor variable = Variable(parameters);
  const Tensor gradient = torch::autograd::grad({loss(variable, inputs, targets)}, {variable}, {},
                                                /*retain_graph=*/true, /*create_graph=*/true)[0];
  return torch::autograd::grad({gradient.dot(direction)}, {variable})[0];
}

Tensor AutogradMetaGradient(const TaskLoss& loss, const Tensor& parameters, const TaskShard& shard,
                            int inner_steps, double inner_rate) {
  Tensor sum = torch::zeros_like(parameters);
  for (int64_t task = 0; task < shard.tasks(); ++task) {
    sum += MetaGradientOfTask(loss, parameters, shard, task, inner_steps, inner_rate);
  }
  return sum;
}

}  // namespace outerloop::meta
