// An experiment's algorithm as a device computes it.
#ifndef OUTERLOOP_WORKER_DEVICE_ALGORITHM_H_
#define OUTERLOOP_WORKER_DEVICE_ALGORITHM_H_

#include <memory>

#include "worker/device.h"
#include "worker/experiment.h"

namespace outerloop::worker {

// The algorithm itself, which keeps `experiment` alive; with meta-gradients that are recorded and
// replayed, where the device's back end records. Then it is called by one thread at a time, and why
// something is not replayed is logged.
std::shared_ptr<const meta::Algorithm> AlgorithmOn(
    const Device& device, const std::shared_ptr<const Experiment>& experiment);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_DEVICE_ALGORITHM_H_
