// Almost no inner loop (Raghu, Raghu, Bengio & Vinyals 2020, "Rapid learning or feature reuse?
// Towards understanding the effectiveness of MAML", arXiv 1909.09157).
#ifndef OUTERLOOP_META_ALGORITHMS_ANIL_H_
#define OUTERLOOP_META_ALGORITHMS_ANIL_H_

#include <cstdint>
#include <memory>

#include "meta/algorithms/algorithm.h"
#include "meta/models/encoder.h"
#include "meta/models/model_factory.h"
#include "outerloop/v1/algorithm.pb.h"

namespace outerloop::meta {

struct AnilOptions {
  int inner_steps = 1;      // >= 0.
  double inner_rate = 0.4;  // > 0.
};

// Section 4 of the paper: MAML whose inner loop moves the last layer alone. With the body's
// features f = phi(w, inputs), which are computed once for a task, and the head h,
//   h_{k+1} = h_k - rate * dL/dh(h_k, f_support),
// and a task's loss is L(h_K, f_query). Its gradient is exact, in the body as well: backwards over
// the steps, from v = dL/dh(h_K, f_query), with the second derivatives L_hh and L_fh of the support
// loss at h_k,
//   v <- v - rate * L_hh v,     g <- g - rate * L_fh v,
// where g becomes the gradient by f_support, whence the body's own backward pass goes on.
//
// The layout is the body's under "body." and the head's under "head.".
std::unique_ptr<const Algorithm> MakeAnil(const AnilOptions& options,
                                          std::shared_ptr<const Encoder> body, int64_t ways);
std::unique_ptr<const Algorithm> MakeAnil(const v1::Anil& options, const ModelFactory& models);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_ANIL_H_
