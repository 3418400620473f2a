// Checks of single fields of a specification, which refuse as common/refusal.h words it.
#ifndef OUTERLOOP_COORDINATOR_CORE_FIELD_CHECKS_H_
#define OUTERLOOP_COORDINATOR_CORE_FIELD_CHECKS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "common/refusal.h"
#include "google/protobuf/message.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::coordinator {

// Largest magnitude of a real number in a specification: what is computed in float from such
// numbers stays finite.
inline constexpr double kLargestNumber = 1e6;

// `text` between quotes, escaped and cut, to stand in an error.
std::string Quote(const std::string& text);

// min <= value <= max.
absl::Status CheckInteger(const std::string& path, uint64_t value, uint64_t min, uint64_t max);
// min <= value <= max; refuses NaN.
absl::Status CheckNumber(const std::string& path, double value, double min, double max);
// min to max bytes.
absl::Status CheckLength(const std::string& path, const std::string& text, size_t min, size_t max);
// At most `max` elements of a repeated field.
absl::Status CheckCount(const std::string& path, size_t count, size_t max);
// The form of names of jobs and data sets (identifier.h).
absl::Status CheckName(const std::string& path, const std::string& name);
// TRAIN, VALIDATION or TEST.
absl::Status CheckSplit(const std::string& path, v1::Split split);
// One field of the message's only oneof is given.
absl::Status CheckOneof(const std::string& path, const google::protobuf::Message& message);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_FIELD_CHECKS_H_
