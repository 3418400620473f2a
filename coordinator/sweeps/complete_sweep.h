// From what the command line sends to what a sweep is: defaults filled in, every field checked.
#ifndef OUTERLOOP_COORDINATOR_SWEEPS_COMPLETE_SWEEP_H_
#define OUTERLOOP_COORDINATOR_SWEEPS_COMPLETE_SWEEP_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "outerloop/v1/sweep.pb.h"

namespace outerloop::coordinator {

inline constexpr size_t kMaxTrials = 512;
inline constexpr size_t kLongestSweepName = 56;

// `given` with the defaults of sweep.proto in place of what is missing, and complete jobs. Pure;
// completing a complete specification changes nothing. INVALID_ARGUMENT as common/refusal.h words
// it (the first field that is wrong). What depends on data sets is for whoever has them to check.
absl::StatusOr<v1::SweepSpec> CompleteSweep(const v1::SweepSpec& given);

// `status`, about a field of a trial's job, with the path from the sweep on.
absl::Status InTrial(int trial, const absl::Status& status);

// A sweep as it begins, of a complete specification: the ids of its trials' jobs follow from its
// own.
v1::Sweep BeginSweep(const v1::SweepSpec& spec, const std::string& sweep_id,
                     const std::string& request_id, absl::Time now);

// What a trial of a complete sweep is scored by: the objective's evaluation, complete for its job.
v1::EvaluationSpec ScoredBy(const v1::SweepSpec& sweep, uint32_t trial);

// The steps after which a trial of a complete sweep is scored, ascending: the rungs of the halving,
// else its last step alone.
std::vector<uint64_t> RungsOf(const v1::SweepSpec& sweep, uint32_t trial);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SWEEPS_COMPLETE_SWEEP_H_
