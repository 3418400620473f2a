#include "worker/device_algorithm.h"

#include <string>
#include <utility>

#include "meta/cuda/graphed_algorithm.h"
#include "spdlog/spdlog.h"
#include "worker/cuda_devices.h"

namespace outerloop::worker {

std::shared_ptr<const meta::Algorithm> AlgorithmOn(
    const Device& device, const std::shared_ptr<const Experiment>& experiment) {
  std::shared_ptr<const meta::Algorithm> algorithm(experiment, &experiment->algorithm());
  if (!device.cuda || !device.back_end.records()) return algorithm;
  return meta::cuda::MakeGraphed(std::move(algorithm), MakeGraphRecorder(*device.cuda),
                                 [job = experiment->job_name()](const std::string& reason) {
                                   spdlog::info("job {}: meta-gradients are not replayed: {}", job,
                                                reason);
                                 });
}

}  // namespace outerloop::worker
