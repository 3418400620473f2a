#include "meta/cuda/graphed_algorithm.h"

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "c10/util/Exception.h"

namespace outerloop::meta::cuda {
namespace {

using torch::Tensor;

constexpr size_t kMostShapes = 8;

// Types, sizes and devices of what goes in: equal for what one recording serves.
using Shape = std::vector<int64_t>;

void Append(const Tensor& tensor, Shape& shape) {
  shape.push_back(static_cast<int64_t>(tensor.scalar_type()));
  shape.push_back(tensor.device().index());
  shape.push_back(tensor.dim());
  shape.insert(shape.end(), tensor.sizes().begin(), tensor.sizes().end());
}

std::vector<Tensor> TensorsOf(const TaskShard& shard) {
  return {shard.support_inputs, shard.support_targets, shard.query_inputs, shard.query_targets};
}

Shape ShapeOf(const Tensor& parameters, const TaskShard& shard) {
  Shape shape = {shard.ways};
  Append(parameters, shape);
  for (const Tensor& tensor : TensorsOf(shard)) Append(tensor, shape);
  return shape;
}

std::string Describe(const TaskShard& shard) {
  return absl::StrCat("shards of ", shard.tasks(), " tasks with inputs of [",
                      absl::StrJoin(shard.support_inputs.sizes(), ", "), "] and [",
                      absl::StrJoin(shard.query_inputs.sizes(), ", "), "]");
}

// Memory of its own.
Tensor Copy(const Tensor& tensor) { return tensor.contiguous().clone(); }

TaskSums Copy(const TaskSums& sums) {
  return {.gradient = Copy(sums.gradient),
          .loss = Copy(sums.loss),
          .accuracy = sums.accuracy.defined() ? Copy(sums.accuracy) : Tensor()};
}

// What is kept for a shape.
struct Entry {
  Entry(const Tensor& given_parameters, const TaskShard& given_shard)
      : parameters(Copy(given_parameters)),
        shard(Changed(given_shard, [](const Tensor& tensor) { return Copy(tensor); })) {}

  void TakeInputs(const Tensor& given_parameters, const TaskShard& given_shard) {
    parameters.copy_(given_parameters);
    std::vector<Tensor> own = TensorsOf(shard);
    const std::vector<Tensor> given = TensorsOf(given_shard);
    for (size_t i = 0; i < own.size(); ++i) own[i].copy_(given[i]);
  }

  // The memory that the recording reads and writes.
  Tensor parameters;
  TaskShard shard;
  TaskSums sums;

  std::unique_ptr<Recording> recording;
  bool given_up = false;
};

class GraphedAlgorithm final : public Algorithm {
 public:
  GraphedAlgorithm(std::shared_ptr<const Algorithm> algorithm,
                   std::unique_ptr<GraphRecorder> recorder, ReasonSink on_fallback)
      : algorithm_(std::move(algorithm)),
        recorder_(std::move(recorder)),
        on_fallback_(std::move(on_fallback)) {}

  const ParameterLayout& layout() const override { return algorithm_->layout(); }
  Tensor InitialParameters(uint64_t seed) const override {
    return algorithm_->InitialParameters(seed);
  }
  bool VariesAt(uint64_t step) const override { return algorithm_->VariesAt(step); }
  TaskScores Evaluate(const Tensor& parameters, const TaskShard& shard,
                      const EvaluationOptions& options) const override {
    return algorithm_->Evaluate(parameters, shard, options);
  }

  TaskSums Differentiate(const Tensor& parameters, const TaskShard& shard,
                         uint64_t step) const override {
    const torch::NoGradGuard no_autograd;
    if (algorithm_->VariesAt(step)) {
      Explain("the loss still changes from step to step");
      return algorithm_->Differentiate(parameters, shard, step);
    }
    const auto [entry, is_new] = Find(parameters, shard);
    if (entry == nullptr || entry->given_up) {
      return algorithm_->Differentiate(parameters, shard, step);
    }
    if (is_new) return WarmUp(*entry, step);
    entry->TakeInputs(parameters, shard);
    if (!entry->recording && !Record(*entry, step)) {
      return algorithm_->Differentiate(parameters, shard, step);
    }
    entry->recording->Replay();
    return Copy(entry->sums);
  }

 private:
  void Explain(const std::string& reason) const {
    if (reasons_.insert(reason).second) on_fallback_(reason);
  }

  // The shape's entry, and whether it has just been made; null for one shape too many.
  std::pair<Entry*, bool> Find(const Tensor& parameters, const TaskShard& shard) const {
    const Shape shape = ShapeOf(parameters, shard);
    const auto found = entries_.find(shape);
    if (found != entries_.end()) return {&found->second, false};
    if (entries_.size() == kMostShapes) {
      Explain(absl::StrCat("there are more than ", kMostShapes, " shapes of shards"));
      return {nullptr, false};
    }
    return {&entries_.try_emplace(shape, parameters, shard).first->second, true};
  }

  TaskSums WarmUp(Entry& entry, uint64_t step) const {
    TaskSums sums;
    recorder_->WarmUp(
        [&] { sums = algorithm_->Differentiate(entry.parameters, entry.shard, step); });
    return Copy(sums);
  }

  // Whether it could be recorded.
  bool Record(Entry& entry, uint64_t step) const {
    try {
      entry.recording = recorder_->Record([this, &entry, step] {
        entry.sums = algorithm_->Differentiate(entry.parameters, entry.shard, step);
      });
    } catch (const c10::Error& error) {
      entry.given_up = true;
      Explain(absl::StrCat(Describe(entry.shard),
                           " cannot be recorded: ", error.what_without_backtrace()));
    }
    return entry.recording != nullptr;
  }

  const std::shared_ptr<const Algorithm> algorithm_;
  const std::unique_ptr<GraphRecorder> recorder_;
  const ReasonSink on_fallback_;

  // What is remembered changes no result.
  mutable std::map<Shape, Entry> entries_;
  mutable std::set<std::string> reasons_;
};

}  // namespace

std::unique_ptr<const Algorithm> MakeGraphed(std::shared_ptr<const Algorithm> algorithm,
                                             std::unique_ptr<GraphRecorder> recorder,
                                             ReasonSink on_fallback) {
  return std::make_unique<GraphedAlgorithm>(std::move(algorithm), std::move(recorder),
                                            std::move(on_fallback));
}

}  // namespace outerloop::meta::cuda
