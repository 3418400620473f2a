// The GPUs of this machine: implemented by cuda_devices.cc, or by no_cuda_devices.cc in a program
// that is linked without CUDA.
#ifndef OUTERLOOP_WORKER_CUDA_DEVICES_H_
#define OUTERLOOP_WORKER_CUDA_DEVICES_H_

#include <string>

#include "absl/status/statusor.h"

namespace outerloop::worker {

// 0 where there is none or no driver.
int CudaDeviceCount();

// Name and compute capability of GPU `number`, e.g. "NVIDIA H100 80GB HBM3 sm_90".
// FAILED_PRECONDITION, saying what to do, if this machine or this build has none of that number.
absl::StatusOr<std::string> CudaDeviceName(int number);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_CUDA_DEVICES_H_
