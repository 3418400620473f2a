// The GPUs of this machine, and what is done on them by CUDA itself: implemented by
// cuda_devices.cc, or by no_cuda_devices.cc in a program that is linked without CUDA.
#ifndef OUTERLOOP_WORKER_CUDA_DEVICES_H_
#define OUTERLOOP_WORKER_CUDA_DEVICES_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/capacity_gauge.h"
#include "meta/cuda/block.h"
#include "meta/cuda/graph_recorder.h"

namespace outerloop::worker {

// 0 where there is none or no driver.
int CudaDeviceCount();

struct CudaDevice {
  std::string name;          // With its compute capability, e.g. "NVIDIA H100 80GB HBM3 sm_90".
  int capability_major = 0;  // The 9 of 9.0.
};

// GPU `number`. FAILED_PRECONDITION, saying what to do, if this machine or this build has none of
// that number.
absl::StatusOr<CudaDevice> FindCudaDevice(int number);

// For any of them. Null if this build has none.
std::shared_ptr<const meta::cuda::BlockKernels> MakeBlockKernels();

// Records work for GPU `number`, of which there is one. Null if this build cannot.
std::unique_ptr<meta::cuda::GraphRecorder> MakeGraphRecorder(int number);

// Memory of GPU `number`, whoever uses it. Nothing if it cannot be told. From any thread.
std::optional<Capacity> MeasureGpuMemory(int number);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_CUDA_DEVICES_H_
