// Small episodes in double precision for the tests of metric learning.
#ifndef OUTERLOOP_META_ALGORITHMS_METRIC_TESTING_H_
#define OUTERLOOP_META_ALGORITHMS_METRIC_TESTING_H_

#include <functional>
#include <memory>
#include <string>

#include "meta/algorithms/algorithm_testing.h"
#include "meta/algorithms/metric_learning.h"
#include "meta/models/autograd_reference.h"
#include "meta/models/model.h"
#include "torch/torch.h"

namespace outerloop::meta {

// Conv4 or MlpImage: an encoder of images of 20 x 20, beside its reference.
struct EncoderCase {
  std::shared_ptr<const Encoder> encoder;
  TaskFeatures reference;
};

inline EncoderCase MakeEncoderCase(const std::string& name) {
  at::set_num_threads(1);  // More would only wait for each other.
  torch::manual_seed(7);
  if (name == "Conv4") {
    std::shared_ptr<const Encoder> encoder =
        MakeConv4Encoder({.height = 20, .width = 20, .filters = 6});
    return {encoder, AutogradConv4Features(encoder->layout())};
  }
  std::shared_ptr<const Encoder> encoder =
      MakeMlpImageEncoder({.height = 20, .width = 20, .hidden = {9, 7}});
  return {encoder, AutogradMlpFeatures(encoder->layout(), 2)};
}

// Queries are of random classes, `queries` in all.
inline TaskShard RandomEpisodes(int64_t tasks, int64_t ways, int64_t shots, int64_t queries) {
  const auto images = [&](int64_t n) { return torch::rand({tasks, n, 1, 20, 20}, torch::kDouble); };
  const torch::Tensor labels = torch::arange(ways).repeat_interleave(shots).repeat({tasks, 1});
  return {images(ways * shots), labels, images(queries),
          torch::randint(ways, {tasks, queries}, torch::kLong), ways};
}

inline TaskShard WithQuery(const TaskShard& shard, int64_t query) {
  return {shard.support_inputs, shard.support_targets, shard.query_inputs.narrow(1, query, 1),
          shard.query_targets.narrow(1, query, 1), shard.ways};
}

// Minus the log-probability of the right class, of one query: a function of the features of a
// task's support set [S, F], its labels [S], the query's features [F] and its label.
using QueryLoss =
    std::function<torch::Tensor(const torch::Tensor& support, const torch::Tensor& labels,
                                const torch::Tensor& query, int64_t label)>;

// A task's features, of the support set and then of the queries, on autograd. `encoder` are the
// encoder's parameters.
inline torch::Tensor PlainFeatures(const TaskFeatures& reference, const torch::Tensor& encoder,
                                   const TaskShard& shard, int64_t task,
                                   EpisodeStatistics statistics) {
  const torch::Tensor support = shard.support_inputs[task], queries = shard.query_inputs[task];
  if (statistics == EpisodeStatistics::kJoint) {
    return reference(encoder, torch::cat({support, queries}));
  }
  return torch::cat({reference(encoder, support), reference(encoder, queries)});
}

// The sum over tasks of the mean over queries, a task and a query at a time.
inline torch::Tensor PlainLoss(const TaskFeatures& reference, const torch::Tensor& encoder,
                               const TaskShard& shard, EpisodeStatistics statistics,
                               const QueryLoss& query_loss) {
  const int64_t support = shard.support_targets.size(1), queries = shard.query_targets.size(1);
  torch::Tensor sum = torch::zeros({}, encoder.options());
  for (int64_t task = 0; task < shard.tasks(); ++task) {
    const torch::Tensor features = PlainFeatures(reference, encoder, shard, task, statistics);
    for (int64_t q = 0; q < queries; ++q) {
      sum = sum + query_loss(features.narrow(0, 0, support), shard.support_targets[task],
                             features[support + q], shard.query_targets[task][q].item<int64_t>()) /
                      queries;
    }
  }
  return sum;
}

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_METRIC_TESTING_H_
