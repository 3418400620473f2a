// How devices are named on the command line.
#ifndef OUTERLOOP_WORKER_DEVICE_NAME_H_
#define OUTERLOOP_WORKER_DEVICE_NAME_H_

#include <optional>
#include <string>

namespace outerloop::worker {

// N of "cuda:N", 0 for "cuda"; nothing for any other text.
std::optional<int> CudaNumber(const std::string& text);

// Whether `text` is auto, cpu, cuda or cuda:N.
bool IsDeviceName(const std::string& text);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_DEVICE_NAME_H_
