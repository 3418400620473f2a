#include "worker/device.h"

#include <cstdlib>
#include <utility>

#include "ATen/Context.h"
#include "ATen/Parallel.h"
#include "ATen/Version.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "meta/cpu/instruction_set.h"
#include "torch/version.h"
#include "worker/cuda_devices.h"
#include "worker/device_name.h"

namespace outerloop::worker {
namespace {

// The first compute capability whose tensor cores take TF32 and bfloat16 ("Ampere").
constexpr int kFirstWithRoundedProducts = 8;

// The same input gives the same bits, run after run.
void MakeCudaDeterministic() {
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*replace=*/0);
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/false);
  at::globalContext().setDeterministicFillUninitializedMemory(false);  // None is read.
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
  at::globalContext().setAllowTF32CuBLAS(false);
  at::globalContext().setAllowTF32CuDNN(false);
}

absl::StatusOr<meta::BackEnd> CudaBackEnd(bool on_gpu) {
  auto kernels = MakeBlockKernels();
  if (on_gpu && kernels) return meta::BackEnd(std::move(kernels));
  return absl::FailedPreconditionError("--backend cuda: not on a CPU; use --backend auto");
}

absl::StatusOr<meta::BackEnd> SelectBackEnd(const std::string& name, bool on_gpu) {
  if (name == "cuda") return CudaBackEnd(on_gpu);
  const auto instruction_set = meta::cpu::BestInstructionSet();
  if (name == "aten") return meta::BackEnd();
  if (!on_gpu && instruction_set) return meta::BackEnd(*instruction_set);
  if (name == "auto") return meta::BackEnd();
  return absl::FailedPreconditionError(absl::StrCat(
      "--backend cpu: ", on_gpu ? "not on a GPU" : "this CPU has neither AVX2 with FMA nor AVX-512",
      "; use --backend aten", on_gpu ? " or --device cpu" : ""));
}

}  // namespace

std::string Device::name() const { return cuda ? absl::StrCat("cuda:", *cuda) : "cpu"; }

absl::StatusOr<Device> SelectDevice(const std::string& name, const std::string& back_end) {
  Device device;
  device.cuda = CudaNumber(name);
  if (name == "auto" && CudaDeviceCount() > 0) device.cuda = 0;
  device.numerics.set_device("cpu");
  device.numerics.set_capability(at::get_cpu_capability());
  device.numerics.set_libtorch(TORCH_VERSION);
  if (device.cuda) {
    ASSIGN_OR_RETURN(const CudaDevice gpu, FindCudaDevice(*device.cuda));
    device.numerics.set_device(gpu.name);
    device.has_rounded_products = gpu.capability_major >= kFirstWithRoundedProducts;
    MakeCudaDeterministic();
  }
  ASSIGN_OR_RETURN(device.back_end, SelectBackEnd(back_end, device.cuda.has_value()));
  device.numerics.set_backend(device.back_end.name());
  return device;
}

absl::Status CheckPrecision(v1::Training::ProductPrecision precision, const Device& device) {
  const bool rounds = precision == v1::Training::TF32 || precision == v1::Training::BFLOAT16;
  if (!rounds || device.has_rounded_products) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat("training.product_precision: ", v1::Training::ProductPrecision_Name(precision),
                   " takes a GPU of compute capability 8.0 or later; this worker computes on ",
                   device.numerics.device()));
}

void ComputeOnThisThreadAlone() { at::set_num_threads(1); }

}  // namespace outerloop::worker
