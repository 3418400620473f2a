// Adam as inner loops take it: without first moments.
#ifndef OUTERLOOP_META_ALGORITHMS_INNER_ADAM_H_
#define OUTERLOOP_META_ALGORITHMS_INNER_ADAM_H_

#include <cstdint>

#include "torch/torch.h"

namespace outerloop::meta {

// What Adam remembers of the squares of gradients: their average, in which a square counts beta2
// times as much as the one after it. Both parts are averages that start from zero; so a mean of
// memories is a memory, that of all that went into any of them.
struct AdamMemory {
  torch::Tensor moment;  // v, [T, P], or [P] for all tasks.
  torch::Tensor weight;  // What the squares' shares in v add up to, 1 - beta2^t: [T, 1], or [1].
};

// Of no gradient, for all tasks, with the type and on the device of `options`.
AdamMemory NoAdamMemory(int64_t parameters, const torch::TensorOptions& options);

// Adds `gradient` [T, P] to `memory`, which becomes each task's own, and returns the direction in
// which parameters move, [T, P]: g / (sqrt(v / weight) + epsilon). Kingma & Ba 2015 (arXiv
// 1412.6980), algorithm 1, with beta1 = 0, beta2 = 0.999 and epsilon = 1e-8.
torch::Tensor AdamDirection(const torch::Tensor& gradient, AdamMemory& memory);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_INNER_ADAM_H_
