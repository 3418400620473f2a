// One member of a group that trains with exact sums or with float sums.
#ifndef OUTERLOOP_BENCHMARKS_EXACT_SUM_TRAINING_RANK_H_
#define OUTERLOOP_BENCHMARKS_EXACT_SUM_TRAINING_RANK_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "worker/cancellation.h"
#include "worker/compute_pool.h"
#include "worker/experiment.h"
#include "worker/reducers/gloo_ring.h"
#include "worker/shard.h"
#include "worker/trainer.h"
#include "worker/training_state.h"

namespace outerloop::meta {
struct TaskShard;
}

namespace outerloop::benchmarks {

// Where a step's time goes.
struct StepTimes {
  absl::Duration adapt;   // Inner loops, and adding up the shards.
  absl::Duration reduce;  // All-reduce, waiting for the others included.
  absl::Duration update;  // Mean and meta-optimizer.

  absl::Duration total() const { return adapt + reduce + update; }
  StepTimes& operator+=(const StepTimes& other);
  StepTimes operator/(double count) const {
    return {adapt / count, reduce / count, update / count};
  }
};

// A worker's part in a step, one thread of inner loops, twice over: with exact sums as a worker
// takes it, by Trainer and 64-bit words; and as it would be with float sums, otherwise by the same
// code: shards are added up as floats, half the bytes go through the same ring, and the
// meta-optimizer gets their mean. Digests are left out of both. Used by one thread.
class TrainingRank {
 public:
  // `shards` are those that this rank computes in every step. Aborts the program if the parts do
  // not go together.
  TrainingRank(std::shared_ptr<const worker::Experiment> experiment, const worker::Device& device,
               std::vector<worker::Shard> shards, std::unique_ptr<worker::GlooRing> ring);

  std::string endpoint() const { return ring_->endpoint(); }
  absl::Status Connect(std::span<const std::string> endpoints);

  // Every rank takes the same steps in the same order.
  absl::Status TakeExactStep(StepTimes& times);
  absl::Status TakeFloatStep(StepTimes& times);

  // Of the parameters, for a check that both train the same.
  const worker::TrainingState& exact_state() const { return *trainer_.state(); }
  const worker::TrainingState& float_state() const { return float_state_; }

 private:
  // Adds up the sums of this rank's shards: gradient [P], loss, accuracy, tasks, and filling up to
  // a whole number of 64-bit words.
  absl::Status AddShards(std::vector<float>& sums);
  void AddShard(const meta::TaskShard& batch, std::vector<float>& sums);

  const std::shared_ptr<const worker::Experiment> experiment_;
  const std::vector<worker::Shard> shards_;
  const std::unique_ptr<worker::GlooRing> ring_;
  worker::ComputePool pool_;
  const worker::Cancellation never_;
  worker::Trainer trainer_;
  worker::TrainingState float_state_;
};

}  // namespace outerloop::benchmarks

#endif  // OUTERLOOP_BENCHMARKS_EXACT_SUM_TRAINING_RANK_H_
