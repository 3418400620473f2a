// What a sweep does next: a pure function of its record and of its trials' jobs.
#ifndef OUTERLOOP_COORDINATOR_SWEEPS_ADVANCE_H_
#define OUTERLOOP_COORDINATOR_SWEEPS_ADVANCE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "outerloop/v1/job_service.pb.h"
#include "outerloop/v1/sweep.pb.h"

namespace outerloop::coordinator {

// ---- What is to be asked of the state machine. Each has its effect once, however often it is
// asked for: its ids are functions of the sweep's.

// The trial's job is to be submitted, to be held at its first rung.
struct SubmitTrial {
  uint32_t trial = 0;
  uint64_t hold_step = 0;  // 0: it is not to be held.
};
// Its job's checkpoint of `step` is to be evaluated.
struct EvaluateTrial {
  uint32_t trial = 0;
  uint64_t step = 0;
  std::string evaluation_id;
  v1::EvaluationSpec spec;  // Complete.
};
// Its job, which is held at `step`, is to go on.
struct ReleaseTrial {
  uint32_t trial = 0;
  uint64_t step = 0;
  uint64_t hold_step = 0;  // As in SubmitTrial.
};
// Its job is to be cancelled, unless it has ended or there is none.
struct CancelTrial {
  uint32_t trial = 0;
};
using SweepAction = std::variant<SubmitTrial, EvaluateTrial, ReleaseTrial, CancelTrial>;

struct Advance {
  // What the sweep's record is once all of `actions` are done; not before, so that a coordinator
  // that is killed in between asks for them again.
  v1::Sweep sweep;
  std::vector<SweepAction> actions;
  bool changed = false;  // Anything. If not, nothing is to be done until a job changes.
};

// A job as clients see it; null if there is none of this id.
using FindJobView = std::function<std::shared_ptr<const v1::Job>(const std::string& job_id)>;

// One step of a sweep. Which trials go on and which is best depends on the scores alone, not on the
// order in which they come (halving.h); a job that failed, was cancelled by somebody or was deleted
// makes its trial the worst from there on. Knows no clock but `now`, and changes nothing.
Advance AdvanceSweep(const v1::Sweep& sweep, const FindJobView& find_job, absl::Time now);

// The sweep after an action of this trial was refused for good. Its job is to be cancelled.
v1::Sweep FailTrial(v1::Sweep sweep, uint32_t trial, const std::string& reason);

// The trial that an action is about.
uint32_t TrialOf(const SweepAction& action);

// Whether more of a score of `metric` (EvaluationResult) is better.
bool MoreIsBetter(const std::string& metric);

bool HasEnded(v1::SweepState state);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SWEEPS_ADVANCE_H_
