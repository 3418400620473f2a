// What the query losses along an inner loop count (Antoniou, Edwards & Storkey 2019, arXiv
// 1810.09502, section 4, "multi-step loss optimization").
#ifndef OUTERLOOP_META_ALGORITHMS_MULTI_STEP_LOSS_H_
#define OUTERLOOP_META_ALGORITHMS_MULTI_STEP_LOSS_H_

#include <cstdint>

namespace outerloop::meta {

// The weighted mean of the losses after inner steps 1 to K. In outer step s, counted from 1,
//   w_k = e / (1 + (K - 1) e) max(0, 1 - (s - 1) / D)     for 0 < k < K
//   w_K = 1 - (K - 1) w_1.
// From e = 1, all losses alike, these are the weights of the paper's published code, which in the
// end keeps 0.03 / K of the early ones where here nothing is left. A value.
struct MultiStepLoss {
  int inner_steps = 1;       // K, >= 0. For 0 there is the loss before the first step only.
  double early_weight = 0;   // e, >= 0: of each loss before the last, beside 1 of the last.
  uint64_t decay_steps = 0;  // D: outer steps. 0: the weights stay as they are.

  // w_k, 0 <= k <= K, of outer step `step` >= 1.
  double WeightAfter(int k, uint64_t step) const;
  // Whether a later step than `step` has other weights.
  bool FadesAfter(uint64_t step) const;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_MULTI_STEP_LOSS_H_
