#include "absl/strings/str_cat.h"
#include "worker/cuda_devices.h"

namespace outerloop::worker {

int CudaDeviceCount() { return 0; }

absl::StatusOr<CudaDevice> FindCudaDevice(int number) {
  return absl::FailedPreconditionError(absl::StrCat("--device cuda:", number,
                                                    ": this worker is built for the CPU; start ",
                                                    "outerloop-worker-cuda, or use --device cpu"));
}

std::shared_ptr<const meta::cuda::BlockKernels> MakeBlockKernels() { return nullptr; }

std::unique_ptr<meta::cuda::GraphRecorder> MakeGraphRecorder(int) { return nullptr; }

std::optional<Capacity> MeasureGpuMemory(int number) { return std::nullopt; }

}  // namespace outerloop::worker
