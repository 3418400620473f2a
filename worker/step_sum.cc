#include "worker/step_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "meta/parameters.h"

namespace outerloop::worker {
namespace {

// Where the sums stand behind the P of the gradient.
enum Element { kLoss, kAccuracy, kTasks, kFirstMark };

constexpr uint32_t kMarksAWord = 64;
constexpr size_t kShardsNamed = 8;

size_t ElementsOf(const Experiment& experiment) {
  const uint32_t mark_words = (experiment.shards_per_step() + kMarksAWord - 1) / kMarksAWord;
  return experiment.layout().size() + kFirstMark + mark_words;
}

// Tasks are counted in the sum's least unit, so that no resolution makes their number overflow.
double TaskUnit(const Experiment& experiment) {
  return std::ldexp(1.0, -experiment.fixed_point_bits());
}

// All that was left out so far, at some shard.
int64_t LeftOut(const ExactSum& sum) { return sum.non_finite() + sum.overflows(); }

}  // namespace

StepSum::StepSum(const Experiment& experiment)
    : parameters_(experiment.layout().size()),
      task_unit_(TaskUnit(experiment)),
      sum_(ElementsOf(experiment), experiment.fixed_point_bits(), experiment.shards_per_step()) {}

void StepSum::Add(uint32_t shard, size_t tasks, const ShardSums& sums) {
  absl::MutexLock lock(&mu_);
  const int64_t left_out_before = LeftOut(sum_);
  sum_.Add(0, sums.gradient);
  sum_.Add(parameters_ + kLoss, sums.loss);
  sum_.Add(parameters_ + kAccuracy, sums.accuracy);
  sum_.Add(parameters_ + kTasks, tasks * task_unit_);
  if (LeftOut(sum_) == left_out_before) return;
  int64_t& marks = sum_.words()[parameters_ + kFirstMark + shard / kMarksAWord];
  marks =
      std::bit_cast<int64_t>(std::bit_cast<uint64_t>(marks) | uint64_t{1} << (shard % kMarksAWord));
}

ExactSum StepSum::Take() && {
  absl::MutexLock lock(&mu_);
  return std::move(sum_);
}

double StepTotals::tasks() const {
  return sum_.Get(experiment_.layout().size() + kTasks, 1.0 / TaskUnit(experiment_));
}

double StepTotals::loss() const {
  return sum_.Get(experiment_.layout().size() + kLoss, 1.0 / experiment_.tasks_per_step());
}

double StepTotals::accuracy() const {
  return sum_.Get(experiment_.layout().size() + kAccuracy, 1.0 / experiment_.tasks_per_step());
}

void StepTotals::Gradient(std::span<float> gradient) const {
  sum_.Get(0, 1.0 / experiment_.tasks_per_step(), gradient);
}

std::vector<uint32_t> StepTotals::BadShards() const {
  const size_t first = experiment_.layout().size() + kFirstMark;
  std::vector<uint32_t> shards;
  for (uint32_t shard = 0; shard < experiment_.shards_per_step(); ++shard) {
    const auto marks = std::bit_cast<uint64_t>(sum_.words()[first + shard / kMarksAWord]);
    if ((marks >> (shard % kMarksAWord) & 1) != 0) shards.push_back(shard);
  }
  return shards;
}

std::string StepTotals::TasksOf(uint32_t shard) const {
  const uint32_t first = shard * experiment_.tasks_per_shard();
  const uint32_t end =
      std::min(first + experiment_.tasks_per_shard(), experiment_.tasks_per_step());
  const std::string tasks = end - first == 1 ? absl::StrCat("task ", first)
                                             : absl::StrCat("tasks ", first, " to ", end - 1);
  return absl::StrCat(tasks, " (shard ", shard, ")");
}

std::string StepTotals::DescribeBadShards() const {
  const std::vector<uint32_t> shards = BadShards();
  const size_t named = std::min(shards.size(), kShardsNamed);
  std::string text = absl::StrJoin(
      shards.begin(), shards.begin() + named, ", ",
      [this](std::string* out, uint32_t shard) { absl::StrAppend(out, TasksOf(shard)); });
  if (named < shards.size()) {
    absl::StrAppend(&text, " and ", shards.size() - named, " other shards");
  }
  return absl::StrCat(
      text, ": ", sum_.non_finite(), " sums of gradient, loss or accuracy are NaN or infinite, ",
      sum_.overflows(),
      " too large for training.fixed_point_bits = ", experiment_.fixed_point_bits());
}

}  // namespace outerloop::worker
