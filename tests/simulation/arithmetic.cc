#include "tests/simulation/arithmetic.h"

#include <algorithm>
#include <bit>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "data/task_proto.h"
#include "tests/simulation/random.h"

namespace outerloop::simulation {
namespace {

constexpr size_t kParameters = 3;
constexpr size_t kLoss = kParameters;  // Index of the loss among the words; then the task count.
constexpr size_t kTasks = kParameters + 1;

uint64_t Hash(const v1::Task& task) {
  uint64_t hash = 1;
  const auto add = [&hash](const auto& values) {
    for (const float value : values) hash = Mix(hash, std::bit_cast<uint32_t>(value));
  };
  add(task.regression().support_inputs());
  add(task.regression().support_targets());
  add(task.regression().query_inputs());
  add(task.regression().query_targets());
  return hash;
}

uint64_t Hash(const TrainingState& state) {
  uint64_t hash = state.step;
  for (const uint64_t parameter : state.parameters) hash = Mix(hash, parameter);
  return hash;
}

// 32 bytes that depend on all of `seed`.
std::string Bytes(uint64_t seed) {
  std::string bytes;
  for (uint64_t i = 0; i < 4; ++i) {
    const uint64_t word = Mix(seed, i);
    bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }
  return bytes;
}

uint32_t ShardCount(const v1::Training& training) {
  const uint32_t per_shard = training.tasks_per_shard();
  return (training.tasks_per_step() + per_shard - 1) / per_shard;
}

}  // namespace

std::string TrainingState::Digest() const {
  uint64_t hash = 2;  // Without the step: parameters alone.
  for (const uint64_t parameter : parameters) hash = Mix(hash, parameter);
  return Bytes(hash);
}

std::string TrainingState::FileDigest() const { return absl::BytesToHexString(Bytes(Hash(*this))); }

Words TrainingState::ToWords() const {
  Words words = {static_cast<int64_t>(step)};
  for (const uint64_t parameter : parameters) words.push_back(static_cast<int64_t>(parameter));
  return words;
}

TrainingState TrainingState::FromWords(const Words& words) {
  TrainingState state;
  state.step = static_cast<uint64_t>(words.at(0));
  for (size_t i = 0; i < kParameters; ++i) {
    state.parameters[i] = static_cast<uint64_t>(words.at(i + 1));
  }
  return state;
}

TrainingState Arithmetic::Initial() const {
  TrainingState state;
  for (size_t i = 0; i < kParameters; ++i) {
    state.parameters[i] = Mix(spec_.training().seed(), i);
  }
  return state;
}

Words Arithmetic::Zeros() { return Words(kParameters + 2); }

void Arithmetic::Add(const Words& summand, Words& sum) {
  for (size_t i = 0; i < sum.size(); ++i) {
    sum[i] =
        static_cast<int64_t>(static_cast<uint64_t>(sum[i]) + static_cast<uint64_t>(summand.at(i)));
  }
}

Words Arithmetic::Contribution(const v1::Shard& shard, const TrainingState& state) const {
  uint64_t hash = Mix(Hash(state), shard.index());
  for (const v1::Task& task : shard.tasks()) hash = Mix(hash, Hash(task));
  Words words = Zeros();
  for (size_t i = 0; i < kParameters; ++i) words[i] = static_cast<int64_t>(Mix(hash, i));
  words[kLoss] = static_cast<int64_t>(Mix(hash, kLoss) >> 20);
  words[kTasks] = shard.tasks_size();
  return words;
}

absl::StatusOr<v1::StepMetrics> Arithmetic::Apply(const Words& sum, TrainingState& state) const {
  if (sum.at(kTasks) != spec_.training().tasks_per_step()) {
    return absl::InternalError(absl::StrCat("step ", state.step + 1, ": the group has computed ",
                                            sum[kTasks], " tasks, not ",
                                            spec_.training().tasks_per_step()));
  }
  ++state.step;
  for (size_t i = 0; i < kParameters; ++i) {
    state.parameters[i] = Mix(state.parameters[i], static_cast<uint64_t>(sum[i]));
  }
  v1::StepMetrics metrics;
  metrics.set_step(state.step);
  metrics.set_loss(static_cast<double>(sum[kLoss]) * 0x1p-48);
  return metrics;
}

std::vector<v1::ScoreSeries> Arithmetic::Score(const v1::Shard& shard,
                                               const TrainingState& state) const {
  v1::ScoreSeries series;
  series.set_mode(v1::INDUCTIVE);
  series.set_inner_steps(1);
  series.set_metric("accuracy");
  for (const v1::Task& task : shard.tasks()) {
    series.add_scores(static_cast<float>(Mix(Hash(state), Hash(task)) >> 40) * 0x1p-24f);
  }
  return {series};
}

Reference::Reference(const v1::JobSpec& spec, Reference* source)
    : spec_(spec),
      arithmetic_(spec),
      sampler_(data::TaskSampler::Create(spec, nullptr).value()),
      shards_(ShardCount(spec.training())) {
  states_.push_back(source == nullptr ? arithmetic_.Initial() : source->StateAfter(first_step()));
}

v1::Shard Reference::ShardOf(uint64_t step, uint32_t index) const {
  const v1::Training& training = spec_.training();
  v1::Shard shard;
  shard.set_index(index);
  const uint32_t first = index * training.tasks_per_shard();
  const uint32_t end = std::min(first + training.tasks_per_shard(), training.tasks_per_step());
  for (uint32_t task = first; task < end; ++task) {
    data::ToProto(sampler_->Sample(step, task), shard.add_tasks());
  }
  return shard;
}

void Reference::GrowTo(uint64_t step) {
  while (states_.back().step < step) {
    TrainingState state = states_.back();
    Words sum = Arithmetic::Zeros();
    for (uint32_t index = 0; index < shards_; ++index) {
      Arithmetic::Add(arithmetic_.Contribution(ShardOf(state.step + 1, index), state), sum);
    }
    metrics_.push_back(arithmetic_.Apply(sum, state).value());
    states_.push_back(state);
  }
}

const TrainingState& Reference::StateAfter(uint64_t step) {
  GrowTo(step);
  return states_.at(step - first_step());
}

const v1::StepMetrics& Reference::MetricsOf(uint64_t step) {
  GrowTo(step);
  return metrics_.at(step - first_step() - 1);
}

double Reference::Score(const v1::EvaluationSpec& evaluation, uint64_t step) {
  v1::Shard all;
  for (uint32_t task = 0; task < evaluation.tasks(); ++task) {
    data::ToProto(sampler_->SampleEvaluation(evaluation, task), all.add_tasks());
  }
  const std::vector<v1::ScoreSeries> series = arithmetic_.Score(all, StateAfter(step));
  double sum = 0;
  for (const float score : series.front().scores()) sum += score;
  return sum / evaluation.tasks();
}

}  // namespace outerloop::simulation
