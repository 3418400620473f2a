// A number for each channel of a task, beside images [T, N, C, H, W].
#ifndef OUTERLOOP_META_OPS_CHANNELS_H_
#define OUTERLOOP_META_OPS_CHANNELS_H_

#include "torch/torch.h"

namespace outerloop::meta {

// A parameter [T, C], to be broadcast over images: [T, 1, C, 1, 1].
inline torch::Tensor OverImages(const torch::Tensor& channels) {
  return channels.contiguous().view({channels.size(0), 1, channels.size(1), 1, 1});
}

// OverImages' inverse.
inline torch::Tensor AsParameter(const torch::Tensor& over_images) {
  return over_images.view({over_images.size(0), over_images.size(2)});
}

// Over a channel of a task, [T, 1, C, 1, 1].
inline torch::Tensor ChannelSum(const torch::Tensor& images) {
  return images.sum({1, 3, 4}, /*keepdim=*/true);
}
inline torch::Tensor ChannelMean(const torch::Tensor& images) {
  return images.mean({1, 3, 4}, /*keepdim=*/true);
}

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_CHANNELS_H_
