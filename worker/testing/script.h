// What a coordinator says about one job.
#ifndef OUTERLOOP_WORKER_TESTING_SCRIPT_H_
#define OUTERLOOP_WORKER_TESTING_SCRIPT_H_

#include <cstdint>
#include <string>

#include "outerloop/v1/worker_service.pb.h"
#include "worker/testing/specifications.h"

namespace outerloop::worker {

// Messages about the job "job". Groups reduce through the coordinator. Plans ask for a digest.
struct Script {
  v1::JobSpec spec = SinusoidSpec();
  std::string dataset;  // The file's bytes; empty for the sinusoid.

  v1::CoordinatorMessage Join(uint64_t generation, uint32_t rank = 0, uint32_t size = 1) const;
  v1::CoordinatorMessage Leave(uint64_t generation) const;
  // Without the state to start from.
  v1::CoordinatorMessage Start(uint64_t generation, uint32_t rank, uint32_t size,
                               uint64_t step = 0) const;
  v1::CoordinatorMessage StartInitial(uint64_t generation, uint32_t rank, uint32_t size) const;
  // The shards of a step that `rank` of `size` computes.
  v1::CoordinatorMessage Plan(uint64_t generation, uint64_t step, uint32_t rank, uint32_t size,
                              bool checkpoint = false) const;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_TESTING_SCRIPT_H_
