#include "worker/device.h"

#include <cstdlib>

#include "ATen/Context.h"
#include "ATen/Parallel.h"
#include "ATen/Version.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "torch/version.h"
#include "worker/cuda_devices.h"
#include "worker/device_name.h"

namespace outerloop::worker {
namespace {

// The same input gives the same bits, run after run.
void MakeCudaDeterministic() {
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*replace=*/0);
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/false);
  at::globalContext().setBenchmarkCuDNN(false);
  at::globalContext().setAllowTF32CuBLAS(false);
  at::globalContext().setAllowTF32CuDNN(false);
}

}  // namespace

std::string Device::name() const { return cuda ? absl::StrCat("cuda:", *cuda) : "cpu"; }

absl::StatusOr<Device> SelectDevice(const std::string& name) {
  Device device;
  device.cuda = CudaNumber(name);
  if (name == "auto" && CudaDeviceCount() > 0) device.cuda = 0;
  device.numerics.set_device("cpu");
  device.numerics.set_capability(at::get_cpu_capability());
  device.numerics.set_backend("aten");
  device.numerics.set_libtorch(TORCH_VERSION);
  if (device.cuda) {
    ASSIGN_OR_RETURN(std::string gpu, CudaDeviceName(*device.cuda));
    device.numerics.set_device(gpu);
    MakeCudaDeterministic();
  }
  return device;
}

void ComputeOnThisThreadAlone() { at::set_num_threads(1); }

}  // namespace outerloop::worker
