// Means and confidence intervals of scores.
#ifndef OUTERLOOP_COORDINATOR_CORE_SUMMARY_H_
#define OUTERLOOP_COORDINATOR_CORE_SUMMARY_H_

#include <span>
#include <vector>

#include "coordinator/store/records.h"
#include "outerloop/v1/evaluation.pb.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::coordinator {

// One result for each (mode, inner steps) in `shards`, by mode, then by inner steps. `shards` are
// all shards of the evaluation, in order. Scores are taken in task order and added in double, so
// that the bits of a result depend on nothing but the scores.
std::vector<v1::EvaluationResult> Summarise(const v1::EvaluationSpec& spec,
                                            std::span<const ScoresRecord> shards);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_SUMMARY_H_
