// Kernels of fused blocks, launched.
#ifndef OUTERLOOP_META_CUDA_BLOCK_LAUNCHES_H_
#define OUTERLOOP_META_CUDA_BLOCK_LAUNCHES_H_

#include "cuda_runtime_api.h"
#include "meta/cuda/block.h"

namespace outerloop::meta::cuda {

// Queues the rule's kernels on `stream`, of the current device. What goes wrong in it
// cudaGetLastError says.
void Launch(BlockRule rule, const Block<float>& block, cudaStream_t stream);
void Launch(BlockRule rule, const Block<double>& block, cudaStream_t stream);

}  // namespace outerloop::meta::cuda

#endif  // OUTERLOOP_META_CUDA_BLOCK_LAUNCHES_H_
