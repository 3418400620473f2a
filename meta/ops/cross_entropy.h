// Classification by logits.
#ifndef OUTERLOOP_META_OPS_CROSS_ENTROPY_H_
#define OUTERLOOP_META_OPS_CROSS_ENTROPY_H_

#include <memory>

#include "meta/ops/loss.h"

namespace outerloop::meta {

// Minus the log of the softmax probability of the right class, in nats. Outputs are logits; targets
// are int64 [T, N] in [0, K). The score is the fraction of examples whose largest logit is the
// right class's.
std::unique_ptr<const Loss> MakeCrossEntropy();

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_CROSS_ENTROPY_H_
