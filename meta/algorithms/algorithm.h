// What a meta-learning algorithm is: a meta-gradient and a way to be scored.
#ifndef OUTERLOOP_META_ALGORITHMS_ALGORITHM_H_
#define OUTERLOOP_META_ALGORITHMS_ALGORITHM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "meta/parameters.h"
#include "meta/task_shard.h"
#include "torch/torch.h"

namespace outerloop::meta {

// Sums over the tasks of a shard, where the shard is.
struct TaskSums {
  torch::Tensor gradient;  // [P]: of the query loss after adaptation.
  torch::Tensor loss;      // Query loss after adaptation: [], float64.
  torch::Tensor accuracy;  // Query accuracy after adaptation, alike. Undefined for regression.
};

// The same with its numbers on the host.
struct ShardGradient {
  torch::Tensor gradient;
  double loss = 0;
  std::optional<double> accuracy;
};

// How the statistics of normalisation layers are taken when queries are predicted.
enum class PredictionMode {
  kTransductive,  // From the whole query batch: predictions see each other.
  kInductive,     // From the support set: each query is predicted alone.
};

// One way of evaluating.
struct ScoreSeries {
  PredictionMode mode;
  int inner_steps;
  std::string metric;         // "accuracy" (fraction of queries), "mse" or "log_likelihood".
  std::vector<float> scores;  // [T], one a task.
  // What the scores are of, where the shard is: [T, Q, K], for every query the logits of its K
  // classes, or the numbers that the model's loss takes. Of metric "log_likelihood" these are means
  // and then what deviations are made of (gaussian_likelihood.h).
  torch::Tensor outputs = {};
};
using TaskScores = std::vector<ScoreSeries>;

struct EvaluationOptions {
  std::vector<int> inner_steps;  // After which a score is taken; ascending, each >= 0, not empty.
};

// Immutable and pure: the same inputs give the same bits, from any thread, for any number of
// threads. Runs on the device of its inputs, single-threaded on a CPU: the caller sets
// at::set_num_threads(1) in each thread that calls. May throw what LibTorch throws.
class Algorithm {
 public:
  virtual ~Algorithm() = default;

  // The meta-parameters: names and shapes.
  virtual const ParameterLayout& layout() const = 0;

  // Where training starts from, [P] float32 on the CPU: a function of `seed` alone.
  virtual torch::Tensor InitialParameters(uint64_t seed) const = 0;

  // `parameters` is [P]. `step` >= 1 is the outer step that is being taken, on which a loss that is
  // annealed depends. A task's summand does not depend on the shard's other tasks.
  //
  // Reads no tensor's values and copies nothing between host and device, so that a GPU gets all of
  // its work at once, and a recording of that work (graphed_algorithm.h) does for another shard of
  // the same shapes.
  virtual TaskSums Differentiate(const torch::Tensor& parameters, const TaskShard& shard,
                                 uint64_t step) const = 0;
  // Whether Differentiate does something else at other steps than at `step`, later ones included.
  virtual bool VariesAt(uint64_t step) const { return false; }

  // Differentiate's sums, once the device has them.
  ShardGradient MetaGradient(const torch::Tensor& parameters, const TaskShard& shard,
                             uint64_t step = 1) const;

  // Series by mode (transductive first), then by inner steps. A model without batch statistics has
  // no transductive series: each query is alone anyway.
  virtual TaskScores Evaluate(const torch::Tensor& parameters, const TaskShard& shard,
                              const EvaluationOptions& options) const = 0;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_ALGORITHM_H_
