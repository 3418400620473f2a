// The arithmetic of a job on this process's device. LibTorch and its exceptions stop here.
#ifndef OUTERLOOP_WORKER_TRAINER_H_
#define OUTERLOOP_WORKER_TRAINER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/exact_sum.h"
#include "data/task.h"
#include "outerloop/v1/job_service.pb.h"
#include "outerloop/v1/worker_service.pb.h"
#include "worker/cancellation.h"
#include "worker/compute_pool.h"
#include "worker/device.h"
#include "worker/experiment.h"
#include "worker/shard.h"
#include "worker/training_state.h"

namespace outerloop::worker {

class StepTotals;

// Of one shard of an evaluation.
struct ShardScores {
  std::vector<v1::ScoreSeries> series;     // One score a task for each way to evaluate.
  std::vector<v1::EpisodeSample> samples;  // Of those among the evaluation's first tasks.
};

// An experiment and, once it has one, its training state, always at a step boundary. Shards are
// computed side by side on the pool; what comes out depends neither on how many threads it has nor
// on which worker computed which shard. On a GPU shards are recordings that are replayed
// (meta/cuda/graphed_algorithm.h). Thread-compatible.
class Trainer {
 public:
  // `pool` must outlive the trainer; its threads must have called ComputeOnThisThreadAlone. It has
  // one thread if `device` is a GPU.
  Trainer(std::shared_ptr<const Experiment> experiment, const Device& device, ComputePool& pool);

  const Experiment& experiment() const { return *experiment_; }
  const std::shared_ptr<const Experiment>& shared_experiment() const { return experiment_; }

  const std::optional<TrainingState>& state() const { return state_; }
  void set_state(TrainingState state) { state_ = std::move(state); }
  // The state that training starts from: a function of the specification.
  absl::StatusOr<TrainingState> InitialState() const;

  // The contribution of `shards` to the next step's sums (step_sum.h). Needs a state. CANCELLED
  // between two shards once `cancellation` is set; INVALID_ARGUMENT, naming the shard, for bad
  // tasks.
  absl::StatusOr<ExactSum> ComputeShards(std::span<const Shard> shards,
                                         const Cancellation& cancellation) const;

  // Takes the next step with the whole group's sums. Returns its metrics, `seconds` left open. If a
  // summand was NaN, infinite or too large, `training.on_non_finite` decides: under SKIP_STEP only
  // the state's step changes, and the metrics say so; under FAIL that is an error. On an error the
  // state is as before, and every member has the same error: OUT_OF_RANGE, with step, tasks and
  // shards; INTERNAL if the group did not compute exactly `tasks_per_step` tasks.
  absl::StatusOr<v1::StepMetrics> Apply(const ExactSum& sum);

  // Scores after each of the evaluation's inner steps, on tasks of its ways (of training's where it
  // gives none). Needs a state.
  absl::StatusOr<ShardScores> Evaluate(const Shard& shard,
                                       const v1::EvaluationSpec& evaluation) const;

 private:
  // Whether the next step may be taken with `totals`.
  absl::Status CheckTotals(const StepTotals& totals) const;
  // The meta-optimizer's step, but for the state's number.
  void Update(const StepTotals& totals);

  const std::shared_ptr<const Experiment> experiment_;
  const Device device_;
  const std::shared_ptr<const meta::Algorithm>
      algorithm_;  // The experiment's, as `device_` does it.
  ComputePool& pool_;
  std::optional<TrainingState> state_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_TRAINER_H_
