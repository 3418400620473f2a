#include "worker/cuda_devices.h"

#include <exception>

#include "ATen/cuda/CUDAContextLight.h"
#include "absl/strings/str_cat.h"
#include "c10/cuda/CUDACachingAllocator.h"
#include "meta/cuda/cuda_block_kernels.h"
#include "meta/cuda/cuda_graph_recorder.h"
#include "torch/cuda.h"

namespace outerloop::worker {

int CudaDeviceCount() {
  return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
}

absl::StatusOr<CudaDevice> FindCudaDevice(int number) {
  const int count = CudaDeviceCount();
  if (number >= count) {
    return absl::FailedPreconditionError(
        absl::StrCat("--device cuda:", number, ": this machine has ", count,
                     " usable NVIDIA GPUs; check nvidia-smi, or use --device cpu"));
  }
  const cudaDeviceProp* properties = at::cuda::getDeviceProperties(number);
  return CudaDevice{
      .name = absl::StrCat(properties->name, " sm_", properties->major, properties->minor),
      .capability_major = properties->major};
}

std::shared_ptr<const meta::cuda::BlockKernels> MakeBlockKernels() {
  return meta::cuda::MakeCudaBlockKernels();
}

std::unique_ptr<meta::cuda::GraphRecorder> MakeGraphRecorder(int number) {
  return meta::cuda::MakeCudaGraphRecorder(number);
}

std::optional<Capacity> MeasureGpuMemory(int number) {
  try {
    const auto [free, total] = c10::cuda::CUDACachingAllocator::get()->getMemoryInfo(
        static_cast<c10::DeviceIndex>(number));
    return Capacity{.size_bytes = total, .free_bytes = free};
  } catch (const std::exception&) {  // LibTorch's: the device fails.
    return std::nullopt;
  }
}

}  // namespace outerloop::worker
