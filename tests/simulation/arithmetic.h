// Training without mathematics: integers that show every wrong, missing or doubled task.
#ifndef OUTERLOOP_TESTS_SIMULATION_ARITHMETIC_H_
#define OUTERLOOP_TESTS_SIMULATION_ARITHMETIC_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/task_sampler.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::simulation {

// What a group adds up, as a reducer sees it.
using Words = std::vector<int64_t>;

// Stands for parameters and meta-optimizer.
struct TrainingState {
  uint64_t step = 0;
  std::array<uint64_t, 3> parameters{};

  bool operator==(const TrainingState&) const = default;

  // 32 bytes.
  std::string Digest() const;
  // As text, of the whole state: the name of its checkpoint file.
  std::string FileDigest() const;
  // For a broadcast by all-reduce, and back.
  Words ToWords() const;
  static TrainingState FromWords(const Words& words);
};

// The mathematics of one job, as worker/trainer.h has them. Pure.
class Arithmetic {
 public:
  explicit Arithmetic(const v1::JobSpec& spec) : spec_(spec) {}

  TrainingState Initial() const;
  // The summands of one shard: a hash of its index, its tasks and the state, and how many tasks
  // there are. They are added with wrap-around, in any order.
  Words Contribution(const v1::Shard& shard, const TrainingState& state) const;
  // The next step. INTERNAL if the group did not compute exactly the step's number of tasks.
  absl::StatusOr<v1::StepMetrics> Apply(const Words& sum, TrainingState& state) const;
  // One score a task.
  std::vector<v1::ScoreSeries> Score(const v1::Shard& shard, const TrainingState& state) const;

  static Words Zeros();
  static void Add(const Words& summand, Words& sum);

 private:
  const v1::JobSpec spec_;
};

// What a job comes to if nothing goes wrong: computed by one loop, without workers, plans, groups
// or messages. Grows as it is asked.
class Reference {
 public:
  // `spec` is complete, and of the sinusoid. `source` is what it starts from, null if nothing.
  Reference(const v1::JobSpec& spec, Reference* source);

  // Steps done in the state that it starts from.
  uint64_t first_step() const { return spec_.start_from().step(); }
  // `step` is first_step() or later.
  const TrainingState& StateAfter(uint64_t step);
  // But for `seconds`.
  const v1::StepMetrics& MetricsOf(uint64_t step);
  // A shard as a plan of this step must have it.
  v1::Shard ShardOf(uint64_t step, uint32_t index) const;
  uint32_t shards() const { return shards_; }
  const v1::JobSpec& spec() const { return spec_; }
  // Mean score of an evaluation of the state after `step`.
  double Score(const v1::EvaluationSpec& evaluation, uint64_t step);

 private:
  void GrowTo(uint64_t step);

  const v1::JobSpec spec_;
  const Arithmetic arithmetic_;
  const std::unique_ptr<const data::TaskSampler> sampler_;
  const uint32_t shards_;
  std::vector<TrainingState> states_;     // By step, from the first.
  std::vector<v1::StepMetrics> metrics_;  // Of the step after states_[i].
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_ARITHMETIC_H_
