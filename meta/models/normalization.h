// How networks of convolutions are normalised.
#ifndef OUTERLOOP_META_MODELS_NORMALIZATION_H_
#define OUTERLOOP_META_MODELS_NORMALIZATION_H_

#include <cstdint>

namespace outerloop::meta {

struct Normalization {
  enum class Kind {
    kBatch,  // By the statistics of the task's own batch (batch_norm.h).
    kGroup,  // Every image by itself (group_norm.h): predictions do not see each other.
    kNone,
  };

  Kind kind = Kind::kBatch;
  int64_t groups = 1;  // Of channels, for kGroup. Divides them.

  bool operator==(const Normalization&) const = default;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_NORMALIZATION_H_
