// Job specifications as people write them.
#ifndef OUTERLOOP_CLIENT_JOB_FILE_H_
#define OUTERLOOP_CLIENT_JOB_FILE_H_

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "client/yaml_tree.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::client {

// The specification in `text`, with `overrides` ("training.steps=10", client/yaml_override.h)
// applied in their order. A text with `extends: PRESET` stands for that preset (client/presets.h),
// changed to what its other lines say (client/yaml_merge.h). `source` names the text in errors.
// INVALID_ARGUMENT with place, path, value and what is allowed, as client/yaml_message.h has it.
// What the values mean is checked by the coordinator.
absl::StatusOr<v1::JobSpec> ParseJobSpec(const std::string& text, const std::string& source,
                                         std::span<const std::string> overrides);

// The same from a file; "-" is standard input. NOT_FOUND or another status if it cannot be read.
absl::StatusOr<v1::JobSpec> ReadJobFile(const std::string& path,
                                        std::span<const std::string> overrides);

// The tree of a job file; of one with `extends`, that preset's with the tree's changes.
absl::StatusOr<YamlNode> ExtendPreset(YamlNode tree);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_JOB_FILE_H_
