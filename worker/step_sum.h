// What the members of a group add up in a step.
//
// The buffer, in elements of an ExactSum: the gradient [P], the sums of loss and of accuracy, the
// number of tasks, then a bit for each shard of the step, 64 in a word: set if the shard's sums are
// not what they should be. A shard is one member's, so a bit is set once, and adding up the words
// is the same as joining them.
#ifndef OUTERLOOP_WORKER_STEP_SUM_H_
#define OUTERLOOP_WORKER_STEP_SUM_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/exact_sum.h"
#include "worker/experiment.h"

namespace outerloop::worker {

// The sums of a shard's tasks, as the algorithm computed them.
struct ShardSums {
  std::span<const float> gradient;  // [P]
  double loss = 0;
  double accuracy = 0;  // 0 for regression.
};

// Gathers the sums of a member's shards. Thread-safe.
class StepSum {
 public:
  explicit StepSum(const Experiment& experiment);

  // Each shard once; `shard` < shards_per_step. What is NaN, infinite or too large for the fixed
  // point marks the shard.
  void Add(uint32_t shard, size_t tasks, const ShardSums& sums) ABSL_LOCKS_EXCLUDED(mu_);
  ExactSum Take() && ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const size_t parameters_;
  const double task_unit_;  // That a task counts for.
  absl::Mutex mu_;
  ExactSum sum_ ABSL_GUARDED_BY(mu_);
};

// What a whole group's sum says. A view: both arguments must outlive it. Equal on every member,
// whoever computed which shard. Thread-compatible.
class StepTotals {
 public:
  StepTotals(const ExactSum& sum, const Experiment& experiment)
      : sum_(sum), experiment_(experiment) {}

  double tasks() const;
  // Means over `tasks_per_step`.
  double loss() const;
  double accuracy() const;
  // Into `gradient`, [P].
  void Gradient(std::span<float> gradient) const;

  // Whether every summand was a number in the range of the fixed point.
  bool finite() const { return sum_.non_finite() == 0 && sum_.overflows() == 0; }
  // If not: the shards with others, ascending.
  std::vector<uint32_t> BadShards() const;
  // "tasks 4 to 7 (shard 1): 12 sums are NaN or infinite, 0 too large for ..": tasks are counted
  // from 0 within the step. Names a few of many shards.
  std::string DescribeBadShards() const;

 private:
  std::string TasksOf(uint32_t shard) const;

  const ExactSum& sum_;
  const Experiment& experiment_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_STEP_SUM_H_
