// The residual network of few-shot learning on natural images.
#ifndef OUTERLOOP_META_MODELS_RESNET12_H_
#define OUTERLOOP_META_MODELS_RESNET12_H_

#include <array>
#include <cstdint>

#include "meta/models/feature_layers.h"
#include "meta/models/normalization.h"

namespace outerloop::meta {

struct ResNet12Options {
  int64_t channels = 3;
  int64_t height = 84;  // Pixels, >= 16.
  int64_t width = 84;
  std::array<int64_t, 4> filters = {64, 160, 320, 640};  // Of each block.
  Normalization normalization = {};
  // Features are the means of the last images' channels (Oreshkin et al.); otherwise all their
  // values (Lee et al.).
  bool averages = true;
};

// ResNet-12 as Oreshkin, Lopez & Lacoste 2018 (arXiv 1805.10123) and Lee et al. 2019 (arXiv
// 1904.03758) have it, without DropBlock. With f the leaky ReLU of slope 0.1, C3 and C1 normalised
// convolutions of 3x3 and 1x1 pixels, and P the maximum over 2x2 pixels, each of four blocks is
//   y = P(f(C3(f(C3(f(C3(x))))) + C1(x))).
// Parameters: "block1.conv1.weight", "block1.norm1.scale", "block1.shortcut.conv.weight".
FeatureLayers MakeResNet12(const ResNet12Options& options);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_RESNET12_H_
