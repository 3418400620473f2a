// The kernels of fused blocks on GPUs. In the CUDA build alone.
#ifndef OUTERLOOP_META_CUDA_CUDA_BLOCK_KERNELS_H_
#define OUTERLOOP_META_CUDA_CUDA_BLOCK_KERNELS_H_

#include <memory>

#include "meta/cuda/block.h"

namespace outerloop::meta::cuda {

// For blocks in the memory of the current device. Run throws a c10::Error if a kernel cannot be
// launched.
std::shared_ptr<const BlockKernels> MakeCudaBlockKernels();

}  // namespace outerloop::meta::cuda

#endif  // OUTERLOOP_META_CUDA_CUDA_BLOCK_KERNELS_H_
