// Sweeps as people write them (docs/sweeps.md).
#ifndef OUTERLOOP_CLIENT_SWEEP_FILE_H_
#define OUTERLOOP_CLIENT_SWEEP_FILE_H_

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "outerloop/v1/sweep.pb.h"

namespace outerloop::client {

// The trials that a sweep file can stand for, at most.
inline constexpr uint64_t kMostTrials = 512;

// The sweep in `text`, with its trials: a pure function of the text, whose random draws depend on
// the file's seed, the trial's and the axis's number alone. `overrides` change its `job`
// (yaml_override.h). `source` names the text in errors. INVALID_ARGUMENT with place and path, as
// client/yaml_message.h has it. What the values mean is checked by the coordinator.
absl::StatusOr<v1::SweepSpec> ParseSweep(const std::string& text, const std::string& source,
                                         std::span<const std::string> overrides);

// The same from a file. NOT_FOUND or another status if it cannot be read.
absl::StatusOr<v1::SweepSpec> ReadSweepFile(const std::string& path,
                                            std::span<const std::string> overrides);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_SWEEP_FILE_H_
