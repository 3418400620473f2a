#include "benchmarks/exact_sum/training_rank.h"

#include <torch/torch.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "meta/algorithms/algorithm.h"
#include "meta/parameters.h"
#include "worker/device.h"
#include "worker/loaders/make_loader.h"
#include "worker/reducers/gloo_reducer.h"

namespace outerloop::benchmarks {
namespace {

using worker::Shard;

enum Element { kLoss, kAccuracy, kTasks, kElements };  // Behind the gradient.

// Two floats a word.
void AddFloats(void* out, const void* a, const void* b, size_t words) {
  auto* const sums = static_cast<float*>(out);
  const auto* const left = static_cast<const float*>(a);
  const auto* const right = static_cast<const float*>(b);
  for (size_t i = 0; i < 2 * words; ++i) sums[i] = left[i] + right[i];
}

// The time since the last call, or since construction.
class Stopwatch {
 public:
  absl::Duration Lap() {
    const absl::Time now = absl::Now();
    return now - std::exchange(last_, now);
  }

 private:
  absl::Time last_ = absl::Now();
};

}  // namespace

StepTimes& StepTimes::operator+=(const StepTimes& other) {
  adapt += other.adapt;
  reduce += other.reduce;
  update += other.update;
  return *this;
}

TrainingRank::TrainingRank(std::shared_ptr<const worker::Experiment> experiment,
                           const worker::Device& device, std::vector<Shard> shards,
                           std::unique_ptr<worker::GlooRing> ring)
    : experiment_(std::move(experiment)),
      shards_(std::move(shards)),
      ring_(std::move(ring)),
      pool_(/*threads=*/1, worker::ComputeOnThisThreadAlone),
      trainer_(experiment_, device, pool_),
      float_state_(*trainer_.InitialState()) {
  trainer_.set_state(float_state_);
}

absl::Status TrainingRank::Connect(std::span<const std::string> endpoints) {
  const std::vector<std::string> greetings(endpoints.size(), "benchmark");
  return ring_->Connect(endpoints, greetings, absl::InfiniteFuture());
}

absl::Status TrainingRank::TakeExactStep(StepTimes& times) {
  Stopwatch watch;
  ASSIGN_OR_RETURN(ExactSum sum, trainer_.ComputeShards(shards_, never_));
  const absl::Duration adapt = watch.Lap();
  RETURN_IF_ERROR(
      ring_->AllReduce(sum.words(), worker::GlooReducer::AddWords, absl::InfiniteFuture()));
  const absl::Duration reduce = watch.Lap();
  RETURN_IF_ERROR(trainer_.Apply(sum).status());
  times += {.adapt = adapt, .reduce = reduce, .update = watch.Lap()};
  return absl::OkStatus();
}

absl::Status TrainingRank::TakeFloatStep(StepTimes& times) {
  Stopwatch watch;
  const size_t size = float_state_.parameters.size();
  std::vector<float> sums((size + kElements + 1) / 2 * 2);
  RETURN_IF_ERROR(AddShards(sums));
  const absl::Duration adapt = watch.Lap();
  const std::span<int64_t> words(reinterpret_cast<int64_t*>(sums.data()), sums.size() / 2);
  RETURN_IF_ERROR(ring_->AllReduce(words, AddFloats, absl::InfiniteFuture()));
  const absl::Duration reduce = watch.Lap();
  const float mean = 1.0f / sums[size + kTasks];
  std::vector<float> gradient(size);
  std::transform(sums.begin(), sums.begin() + size, gradient.begin(),
                 [mean](float sum) { return sum * mean; });
  experiment_->optimizer().Update(++float_state_.step, gradient, float_state_.parameters,
                                  float_state_.optimizer);
  times += {.adapt = adapt, .reduce = reduce, .update = watch.Lap()};
  return absl::OkStatus();
}

absl::Status TrainingRank::AddShards(std::vector<float>& sums) {
  const auto loader = worker::MakeEpisodeLoader(experiment_->episode(), experiment_->dataset());
  absl::Status status;
  pool_.ForEach(shards_.size(), [&](size_t number) {  // On one thread.
    const absl::StatusOr<meta::TaskShard> batch = loader->Load(shards_[number].tasks);
    status.Update(batch.status());
    if (status.ok()) AddShard(*batch, sums);
  });
  return status;
}

void TrainingRank::AddShard(const meta::TaskShard& batch, std::vector<float>& sums) {
  const torch::NoGradGuard no_grad;
  const size_t size = float_state_.parameters.size();
  const torch::Tensor parameters =
      torch::from_blob(float_state_.parameters.data(), {static_cast<int64_t>(size)});
  const meta::ShardGradient shard = experiment_->algorithm().MetaGradient(parameters, batch);
  const float* const gradient = shard.gradient.data_ptr<float>();
  for (size_t i = 0; i < size; ++i) sums[i] += gradient[i];
  sums[size + kLoss] += static_cast<float>(shard.loss);
  sums[size + kAccuracy] += static_cast<float>(shard.accuracy.value_or(0));
  sums[size + kTasks] += static_cast<float>(batch.support_inputs.size(0));
}

}  // namespace outerloop::benchmarks
