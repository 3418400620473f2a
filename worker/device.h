// What a worker computes on.
#ifndef OUTERLOOP_WORKER_DEVICE_H_
#define OUTERLOOP_WORKER_DEVICE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "meta/models/back_end.h"
#include "outerloop/v1/job.pb.h"
#include "outerloop/v1/job_service.pb.h"

namespace outerloop::worker {

struct Device {
  std::optional<int> cuda;  // The GPU's number; absent: the CPU.
  meta::BackEnd back_end;   // What computes networks there.
  v1::Numerics numerics;    // How it rounds.
  // Whether it multiplies TF32 and bfloat16: GPUs from compute capability 8.0 on.
  bool has_rounded_products = false;

  // As LibTorch writes it: "cpu", "cuda:0".
  std::string name() const;
};

// Selects by a name for which IsDeviceName (device_name.h) holds, and sets LibTorch up so that a
// GPU gives the same bits every time (no TF32 but where a job asks for it, no algorithm picked by
// speed, none that adds up in any order); `auto` is a GPU if there is one. `back_end` is "aten",
// "cpu" (meta/cpu's kernels), "cuda" (meta/cuda's kernels and recordings) or "auto": "cpu" on a CPU
// that there are kernels for, else "aten". Call once, before anything is computed.
// FAILED_PRECONDITION if a GPU is asked for and this is a build for the CPU, or the machine has
// none of that number, or a back end is asked for where it cannot compute.
absl::StatusOr<Device> SelectDevice(const std::string& name, const std::string& back_end = "auto");

// UNIMPLEMENTED, saying which devices can, if `device` cannot round as a job's
// `training.product_precision` asks: a failure of this worker's, as another may be able to.
absl::Status CheckPrecision(v1::Training::ProductPrecision precision, const Device& device);

// LibTorch's own threads off in the calling thread: parallelism is over shards, and a shard's
// result must not depend on a number of threads. For each thread that computes.
void ComputeOnThisThreadAlone();

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_DEVICE_H_
