// An algorithm whose meta-gradient is recorded once for each shape of a shard, and replayed.
#ifndef OUTERLOOP_META_CUDA_GRAPHED_ALGORITHM_H_
#define OUTERLOOP_META_CUDA_GRAPHED_ALGORITHM_H_

#include <functional>
#include <memory>
#include <string>

#include "meta/algorithms/algorithm.h"
#include "meta/cuda/graph_recorder.h"

namespace outerloop::meta::cuda {

// Takes a reason why something is not replayed; each is given once.
using ReasonSink = std::function<void(const std::string& reason)>;

// `algorithm`, whose Differentiate is computed as ever for the first shard of a shape, recorded at
// the second, and from then on replayed on copies of parameters and shard: the same operations in
// the same order, launched at once. The sums are the caller's. Evaluate is not recorded.
//
// It is computed as ever, and `on_fallback` is told why, while the algorithm varies from step to
// step, for a shape that cannot be recorded, and for shapes beyond the first eight: each recording
// holds the memory of a shard's activations.
//
// Unlike other algorithms, it is called by one thread at a time.
std::unique_ptr<const Algorithm> MakeGraphed(std::shared_ptr<const Algorithm> algorithm,
                                             std::unique_ptr<GraphRecorder> recorder,
                                             ReasonSink on_fallback);

}  // namespace outerloop::meta::cuda

#endif  // OUTERLOOP_META_CUDA_GRAPHED_ALGORITHM_H_
