// Images [T, N, C, H, W] with their tasks' channels side by side, and a number for each of these.
#ifndef OUTERLOOP_META_OPS_CHANNELS_H_
#define OUTERLOOP_META_OPS_CHANNELS_H_

#include <cstdint>

#include "torch/torch.h"

namespace outerloop::meta {

// [T, N, C, H, W] as the tasks' groups of channels, [N, T * C, H, W], channels last: a view where
// the memory is in the order N, H, W, T, C already.
inline torch::Tensor Group(const torch::Tensor& images) {
  return images.transpose(0, 1).flatten(1, 2).contiguous(at::MemoryFormat::ChannelsLast);
}

// The inverse, a view.
inline torch::Tensor Ungroup(const torch::Tensor& images, int64_t tasks) {
  return images.unflatten(1, {tasks, images.size(1) / tasks}).transpose(0, 1);
}

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
