// A meta-gradient to compute, as another program states it: the same weights and tasks for all who
// compute it.
#ifndef OUTERLOOP_BENCHMARKS_PEERS_PROBLEM_H_
#define OUTERLOOP_BENCHMARKS_PEERS_PROBLEM_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "meta/task_shard.h"
#include "torch/torch.h"
#include "worker/device.h"
#include "worker/experiment.h"

namespace outerloop::benchmarks {

struct Problem {
  // Made as a worker makes it: with the worker's choice of algorithm, model and back end.
  std::shared_ptr<const worker::Experiment> experiment;
  torch::Tensor parameters;  // [P], float or double, in the order of the experiment's layout.
  meta::TaskShard tasks;     // All of them. Both are on the device.
};

// Reads a safetensors file. Tensors: `parameters.NAME` for each of the layout's names, all F32 or
// all F64; `support_inputs`, `support_targets`, `query_inputs` and `query_targets` as TaskShard has
// them. Metadata: `specification`, a complete JobSpec in the protobuf JSON mapping. `dataset` is a
// data set file whose images have the tasks' size; empty for the sinusoid. INVALID_ARGUMENT,
// naming what, if something is missing or does not fit; UNIMPLEMENTED if `device` cannot round as
// the specification asks.
absl::StatusOr<Problem> ReadProblem(const std::string& path, const std::string& dataset,
                                    const worker::Device& device);

}  // namespace outerloop::benchmarks

#endif  // OUTERLOOP_BENCHMARKS_PEERS_PROBLEM_H_
