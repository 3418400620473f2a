#include "worker/trainer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/protocol.h"
#include "common/status_macros.h"
#include "data/episode_sizes.h"
#include "meta/algorithms/algorithm.h"
#include "meta/parameters.h"
#include "worker/device_algorithm.h"
#include "worker/episode_sample.h"
#include "worker/loaders/make_loader.h"
#include "worker/step_sum.h"
#include "worker/torch_boundary.h"

namespace outerloop::worker {
namespace {

meta::TaskShard ToDevice(const meta::TaskShard& shard, torch::Device device) {
  return meta::Changed(shard, [device](const torch::Tensor& tensor) { return tensor.to(device); });
}

// The parameters on the device; on the CPU a view of `values`, which must outlive it.
absl::StatusOr<torch::Tensor> Upload(const std::vector<float>& values, const Device& device) {
  return WithinTorch([&]() -> absl::StatusOr<torch::Tensor> {
    return torch::from_blob(const_cast<float*>(values.data()),
                            {static_cast<int64_t>(values.size())}, torch::kFloat32)
        .to(torch::Device(device.name()));
  });
}

// The tasks of `episode`, the experiment's or one with other sizes, on `device`.
absl::StatusOr<meta::TaskShard> LoadTasks(const Experiment& experiment, const v1::Episode& episode,
                                          std::span<const data::Task> tasks, torch::Device device) {
  ASSIGN_OR_RETURN(const meta::TaskShard batch,
                   MakeEpisodeLoader(episode, experiment.dataset())->Load(tasks));
  return ToDevice(batch, device);
}

std::span<const float> SpanOf(const torch::Tensor& contiguous) {
  return {contiguous.data_ptr<float>(), static_cast<size_t>(contiguous.numel())};
}

// Keeps the first error of shards that are computed side by side. Thread-safe.
class FirstError {
 public:
  void Note(const absl::Status& status, const Shard& shard) {
    if (status.ok()) return;
    absl::MutexLock lock(&mu_);
    status_.Update(
        absl::Status(status.code(), absl::StrCat("shard ", shard.index, ": ", status.message())));
  }
  absl::Status status() const {
    absl::MutexLock lock(&mu_);
    return status_;
  }

 private:
  mutable absl::Mutex mu_;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

// Of outer step `step`, with the gradient on the host.
absl::StatusOr<meta::ShardGradient> Differentiate(const Experiment& experiment,
                                                  const meta::Algorithm& algorithm,
                                                  const torch::Tensor& parameters,
                                                  const Shard& shard, uint64_t step) {
  const torch::NoGradGuard no_grad;
  ASSIGN_OR_RETURN(const meta::TaskShard batch,
                   LoadTasks(experiment, experiment.episode(), shard.tasks, parameters.device()));
  meta::ShardGradient sums = algorithm.MetaGradient(parameters, batch, step);
  sums.gradient = sums.gradient.to(torch::kCPU).contiguous();
  return sums;
}

absl::Status CheckIndex(const Shard& shard, const Experiment& experiment) {
  if (shard.index < experiment.shards_per_step()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a step has ", experiment.shards_per_step(), " shards, counted from 0"));
}

absl::StatusOr<meta::TaskScores> Score(const Experiment& experiment,
                                       const torch::Tensor& parameters,
                                       std::span<const data::Task> tasks,
                                       const v1::EvaluationSpec& evaluation) {
  const torch::NoGradGuard no_grad;
  const v1::Episode episode = data::EvaluatedEpisode(evaluation, experiment.episode());
  ASSIGN_OR_RETURN(const meta::TaskShard batch,
                   LoadTasks(experiment, episode, tasks, parameters.device()));
  return experiment.algorithm().Evaluate(
      parameters, batch,
      {.inner_steps = {evaluation.inner_steps().begin(), evaluation.inner_steps().end()}});
}

// The scores of the pieces of a shard, one after the other.
std::vector<v1::ScoreSeries> Concatenate(const std::vector<meta::TaskScores>& pieces) {
  std::vector<v1::ScoreSeries> series;
  for (const meta::ScoreSeries& first : pieces[0]) series.push_back(ToProto(first));
  for (size_t piece = 1; piece < pieces.size(); ++piece) {
    for (size_t s = 0; s < series.size(); ++s) {
      const std::vector<float>& scores = pieces[piece][s].scores;
      series[s].mutable_scores()->Add(scores.begin(), scores.end());
    }
  }
  return series;
}

// Of the shard's tasks that are among the evaluation's first, unless they are too large. All shards
// before this one are of as many tasks as one of training.
std::vector<v1::EpisodeSample> SamplesOf(const Shard& shard,
                                         const std::vector<meta::TaskScores>& pieces,
                                         const Experiment& experiment) {
  const size_t piece_size = experiment.tasks_per_shard();
  const size_t first = shard.index * piece_size;
  std::vector<v1::EpisodeSample> samples;
  for (size_t i = 0; i < shard.tasks.size() && first + i < kSampledTasks; ++i) {
    const meta::ScoreSeries& series = pieces[i / piece_size].back();
    v1::EpisodeSample sample =
        MakeEpisodeSample(shard.tasks[i], experiment.dataset(), series, i % piece_size);
    sample.set_task(static_cast<uint32_t>(first + i));
    if (sample.ByteSizeLong() <= kMaxSampleBytes) samples.push_back(std::move(sample));
  }
  return samples;
}

}  // namespace

Trainer::Trainer(std::shared_ptr<const Experiment> experiment, const Device& device,
                 ComputePool& pool)
    : experiment_(std::move(experiment)),
      device_(device),
      algorithm_(AlgorithmOn(device_, experiment_)),
      pool_(pool) {}

absl::StatusOr<TrainingState> Trainer::InitialState() const {
  return WithinTorch([this]() -> absl::StatusOr<TrainingState> {
    const torch::Tensor initial =
        experiment_->algorithm().InitialParameters(experiment_->seed()).contiguous();
    const std::span<const float> values = SpanOf(initial);
    return TrainingState{.step = 0,
                         .parameters = {values.begin(), values.end()},
                         .optimizer = experiment_->optimizer().InitialState(values.size())};
  });
}

absl::StatusOr<ExactSum> Trainer::ComputeShards(std::span<const Shard> shards,
                                                const Cancellation& cancellation) const {
  ASSIGN_OR_RETURN(const torch::Tensor parameters, Upload(state_->parameters, device_));
  StepSum sum(*experiment_);
  FirstError error;
  const auto compute = [&](const Shard& shard) -> absl::Status {
    if (cancellation.cancelled()) return absl::CancelledError("the step was given up");
    RETURN_IF_ERROR(CheckIndex(shard, *experiment_));
    ASSIGN_OR_RETURN(const auto sums,
                     Differentiate(*experiment_, *algorithm_, parameters, shard, state_->step + 1));
    sum.Add(shard.index, shard.tasks.size(),
            {SpanOf(sums.gradient), sums.loss, sums.accuracy.value_or(0)});
    return absl::OkStatus();
  };
  pool_.ForEach(shards.size(), [&](size_t number) {
    const Shard& shard = shards[number];
    error.Note(WithinTorch([&] { return compute(shard); }), shard);
  });
  RETURN_IF_ERROR(error.status());
  return std::move(sum).Take();
}

absl::StatusOr<v1::StepMetrics> Trainer::Apply(const ExactSum& sum) {
  const StepTotals totals(sum, *experiment_);
  RETURN_IF_ERROR(CheckTotals(totals));
  v1::StepMetrics metrics;
  metrics.set_step(state_->step + 1);
  if (totals.finite()) {
    Update(totals);
    metrics.set_loss(totals.loss());
    if (experiment_->ways() > 0) metrics.set_accuracy(totals.accuracy());
  } else {
    metrics.set_skipped(true);
  }
  state_->step = metrics.step();
  return metrics;
}

void Trainer::Update(const StepTotals& totals) {
  std::vector<float> gradient(state_->parameters.size());
  totals.Gradient(gradient);
  experiment_->optimizer().Update(state_->step + 1, gradient, state_->parameters,
                                  state_->optimizer);
}

absl::Status Trainer::CheckTotals(const StepTotals& totals) const {
  const uint64_t step = state_->step + 1;
  if (totals.tasks() != experiment_->tasks_per_step()) {
    return absl::InternalError(absl::StrCat("step ", step, ": the group computed ", totals.tasks(),
                                            " tasks; training.tasks_per_step is ",
                                            experiment_->tasks_per_step()));
  }
  if (totals.finite() || experiment_->skips_non_finite()) return absl::OkStatus();
  return absl::OutOfRangeError(
      absl::StrCat("step ", step, ": ", totals.DescribeBadShards(),
                   "; training has diverged: lower the rates, or let training.on_non_finite be "
                   "SKIP_STEP"));
}

absl::StatusOr<ShardScores> Trainer::Evaluate(const Shard& shard,
                                              const v1::EvaluationSpec& evaluation) const {
  const std::span<const data::Task> tasks(shard.tasks);
  const size_t piece_size = experiment_->tasks_per_shard();
  std::vector<meta::TaskScores> pieces((tasks.size() + piece_size - 1) / piece_size);
  if (pieces.empty()) return absl::InvalidArgumentError("a shard without tasks");
  ASSIGN_OR_RETURN(const torch::Tensor parameters, Upload(state_->parameters, device_));
  FirstError error;
  const auto score = [&](size_t number) -> absl::Status {
    const size_t first = number * piece_size;
    ASSIGN_OR_RETURN(
        pieces[number],
        Score(*experiment_, parameters,
              tasks.subspan(first, std::min(piece_size, tasks.size() - first)), evaluation));
    return absl::OkStatus();
  };
  pool_.ForEach(pieces.size(), [&](size_t number) {
    error.Note(WithinTorch([&] { return score(number); }), shard);
  });
  RETURN_IF_ERROR(error.status());
  return WithinTorch([&]() -> absl::StatusOr<ShardScores> {
    return ShardScores{Concatenate(pieces), SamplesOf(shard, pieces, *experiment_)};
  });
}

}  // namespace outerloop::worker
