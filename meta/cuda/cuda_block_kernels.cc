#include "meta/cuda/cuda_block_kernels.h"

#include "c10/cuda/CUDAException.h"
#include "c10/cuda/CUDAStream.h"
#include "meta/cuda/block_launches.h"

namespace outerloop::meta::cuda {
namespace {

template <typename Real>
void LaunchInOrder(BlockRule rule, const Block<Real>& block) {
  Launch(rule, block, c10::cuda::getCurrentCUDAStream().stream());
  C10_CUDA_CHECK(cudaGetLastError());
}

class CudaBlockKernels final : public BlockKernels {
 public:
  void Run(BlockRule rule, const Block<float>& block) const override { LaunchInOrder(rule, block); }
  void Run(BlockRule rule, const Block<double>& block) const override {
    LaunchInOrder(rule, block);
  }
};

}  // namespace

std::shared_ptr<const BlockKernels> MakeCudaBlockKernels() {
  return std::make_shared<CudaBlockKernels>();
}

}  // namespace outerloop::meta::cuda
