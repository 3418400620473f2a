// Completes and checks a part of a specification by the rules that stand beside its fields
// (outerloop/v1/field_rules.proto).
#ifndef OUTERLOOP_COORDINATOR_CORE_COMPLETE_FIELDS_H_
#define OUTERLOOP_COORDINATOR_CORE_COMPLETE_FIELDS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::coordinator {

// Gives numbers and enums that are not given their defaults, and checks all fields, those of
// messages within that are given too; of every oneof, one field must be. `path` is where errors say
// that the message is, e.g. "algorithm". INVALID_ARGUMENT as common/refusal.h words it.
absl::Status CompleteFields(const std::string& path, google::protobuf::Message& message);

// Whether the episode, model and algorithm of `spec`, of each of which a kind is given, go
// together.
absl::Status CheckCompanions(const v1::JobSpec& spec);

// Whether no parameter of the job's model depends on the ways of its tasks.
bool TakesAnyWays(const v1::JobSpec& spec);

// The algorithm's `inner_steps`; 0 if it has no inner loop.
uint32_t InnerStepsOf(const v1::Algorithm& algorithm);
// Whether it has one.
bool HasInnerLoop(const v1::Algorithm& algorithm);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_COMPLETE_FIELDS_H_
