#include "meta/models/normalization.h"

#include "meta/ops/batch_norm.h"
#include "meta/ops/group_norm.h"

namespace outerloop::meta {

std::unique_ptr<const Layer> MakeNormalization(const Normalization& normalization,
                                               int64_t channels) {
  switch (normalization.kind) {
    case Normalization::Kind::kBatch:
      return MakeBatchNorm({.channels = channels});
    case Normalization::Kind::kGroup:
      return MakeGroupNorm({.channels = channels, .groups = normalization.groups});
    case Normalization::Kind::kNone:
      break;
  }
  return nullptr;
}

void AppendNormalizedConvolution(const std::string& suffix, Conv2dOptions convolution,
                                 const Normalization& normalization,
                                 std::vector<NamedLayer>& layers) {
  convolution.bias = normalization.kind == Normalization::Kind::kNone;
  layers.push_back({"conv" + suffix, MakeConv2d(convolution)});
  if (convolution.bias) return;
  layers.push_back({"norm" + suffix, MakeNormalization(normalization, convolution.filters)});
}

}  // namespace outerloop::meta
