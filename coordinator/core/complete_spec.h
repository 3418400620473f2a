// From what people write to what a job is: defaults filled in, every field checked.
#ifndef OUTERLOOP_COORDINATOR_CORE_COMPLETE_SPEC_H_
#define OUTERLOOP_COORDINATOR_CORE_COMPLETE_SPEC_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::coordinator {

// Limits beside those that job.proto states, so that one job cannot exhaust memory. An example of a
// classification is an image; of a regression, a point.
inline constexpr uint64_t kMaxSteps = 1'000'000'000;       // Outer steps of a job.
inline constexpr uint64_t kMaxExamplesPerShard = 1 << 16;  // Support and query, all tasks.
inline constexpr uint64_t kMaxExamplesPerStep = 1 << 22;   // Keeps a step plan below 40 MiB.
inline constexpr uint64_t kMaxScores = 10'000'000;         // Tasks x inner steps, an evaluation.
inline constexpr uint64_t kMaxInnerSteps = 100;            // As job.proto states.
inline constexpr uint64_t kMaxEvaluations = 16;            // Of a job's specification.
inline constexpr uint64_t kMaxWorkers = 1 << 16;           // Of a job.

// `given` with the defaults of job.proto in place of what is missing. Pure; completing a complete
// specification changes nothing. INVALID_ARGUMENT as common/refusal.h words it (the first field
// that is wrong) if a field is missing or out of its range, or fields do not go together. What
// depends on the content of the data set (classes, origins, examples) is checked by
// data::TaskSampler; what depends on the job that `start_from` names, by CompleteStartFrom
// (start_from.h).
absl::StatusOr<v1::JobSpec> CompleteSpec(const v1::JobSpec& given);

// The same for an evaluation of `job`, which is complete. `path` is where errors say that the
// evaluation is, e.g. "evaluations[0]".
absl::StatusOr<v1::EvaluationSpec> CompleteEvaluation(const v1::EvaluationSpec& given,
                                                      const v1::JobSpec& job,
                                                      const std::string& path);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_COMPLETE_SPEC_H_
