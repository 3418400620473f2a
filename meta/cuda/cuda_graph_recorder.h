// Recordings as CUDA graphs. In the CUDA build alone.
#ifndef OUTERLOOP_META_CUDA_CUDA_GRAPH_RECORDER_H_
#define OUTERLOOP_META_CUDA_CUDA_GRAPH_RECORDER_H_

#include <memory>

#include "meta/cuda/graph_recorder.h"

namespace outerloop::meta::cuda {

// For GPU `device`, on a stream of its own. All recordings of a recorder share one pool of memory,
// so one is replayed only after what came of the one before has been copied from where it lies.
std::unique_ptr<GraphRecorder> MakeCudaGraphRecorder(int device);

}  // namespace outerloop::meta::cuda

#endif  // OUTERLOOP_META_CUDA_CUDA_GRAPH_RECORDER_H_
