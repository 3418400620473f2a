// Model-agnostic meta-learning (Finn, Abbeel & Levine 2017, arXiv 1703.03400).
#ifndef OUTERLOOP_META_ALGORITHMS_MAML_H_
#define OUTERLOOP_META_ALGORITHMS_MAML_H_

#include <memory>

#include "meta/algorithms/algorithm.h"
#include "meta/models/learner.h"
#include "meta/models/model_factory.h"
#include "outerloop/v1/algorithm.pb.h"

namespace outerloop::meta {

struct MamlOptions {
  int inner_steps = 1;       // >= 0.
  double inner_rate = 0.4;   // > 0.
  bool second_order = true;  // False: the Hessians are left out (section 5.2, "first-order").
  // Whether the inner steps' activations are computed again on the way back instead of being kept.
  // The same bits, a third more work, and memory for one step's activations instead of all steps'.
  bool recompute = false;
};

// Algorithm 1 of the paper. With theta_0 the meta-parameters and L the mean support loss,
//   theta_{k+1} = theta_k - rate * grad L(theta_k),
// the meta-gradient is (I - rate H_0) ... (I - rate H_{K-1}) grad L_query(theta_K), taken backwards
// over the steps with exact Hessian-vector products, v <- v - rate * H_k v.
std::unique_ptr<const Algorithm> MakeMaml(const MamlOptions& options,
                                          std::shared_ptr<const Learner> learner);
std::unique_ptr<const Algorithm> MakeMaml(const v1::Maml& options, const ModelFactory& models);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_MAML_H_
