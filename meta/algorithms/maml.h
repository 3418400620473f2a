// Model-agnostic meta-learning (Finn, Abbeel & Levine 2017, arXiv 1703.03400), with what later work
// added to it.
#ifndef OUTERLOOP_META_ALGORITHMS_MAML_H_
#define OUTERLOOP_META_ALGORITHMS_MAML_H_

#include <cstdint>
#include <memory>

#include "meta/algorithms/algorithm.h"
#include "meta/algorithms/inner_rates.h"
#include "meta/models/learner.h"
#include "meta/models/model_factory.h"
#include "outerloop/v1/algorithm.pb.h"

namespace outerloop::meta {

struct MamlOptions {
  int inner_steps = 1;       // >= 0.
  double inner_rate = 0.4;   // > 0. Where learned rates start from.
  bool second_order = true;  // False: the Hessians are left out (section 5.2, "first-order").
  // Whether the inner steps' activations are computed again on the way back instead of being kept.
  // The same bits, a third more work, and memory for one step's activations instead of all steps'.
  bool recompute = false;
  InnerRateKind rates = InnerRateKind::kFixed;
  // Of the losses after earlier steps: MultiStepLoss::early_weight and decay_steps.
  double early_loss_weight = 0;
  uint64_t early_loss_decay_steps = 0;
  // Whether scales and shifts of normalisation belong to the steps (step_normalization.h).
  bool step_normalization = false;
};

// Algorithm 1 of the paper. With theta_0 the model's parameters, a_k the rates of step k and L the
// mean support loss,
//   theta_{k+1} = theta_k - a_k * grad L(theta_k)            (* by elements),
// the loss of a task is the weighted mean of the query losses Q(theta_1), .., Q(theta_K), and that
// of Q(theta_0) where K = 0. With w_k their weights (multi_step_loss.h), its gradient is taken
// backwards over the steps with exact Hessian-vector products: from v = w_K grad Q(theta_K),
//   gradient of a_k:  -grad L(theta_k) * v,
//   v <- v - H_k (a_k * v) + w_k grad Q(theta_k).
//
// With step_normalization, the scales and shifts in theta_{k+1} are set k + 1 instead; what v has
// for them, when it is the gradient by theta_{k+1}, is their gradient, and goes no further.
//
// The layout is the learner's; or, where more is learned, that under "model.", the sets of scales
// and shifts under "normalization.", and rates under "rate.".
std::unique_ptr<const Algorithm> MakeMaml(const MamlOptions& options,
                                          std::shared_ptr<const Learner> learner);
std::unique_ptr<const Algorithm> MakeMaml(const v1::Maml& options, const ModelFactory& models);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_MAML_H_
