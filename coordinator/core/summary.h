// Means and confidence intervals of scores.
#ifndef OUTERLOOP_COORDINATOR_CORE_SUMMARY_H_
#define OUTERLOOP_COORDINATOR_CORE_SUMMARY_H_

#include <cstdint>
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

struct MeanAndInterval {
  double mean = 0;
  double ci95 = 0;  // t(0.975, n - 1) * s / sqrt(n), s the sample standard deviation.
};

// Of at least one score. The interval of a single one is not defined: NaN.
MeanAndInterval Summarise(std::span<const float> scores);

// The quantile of Student's t distribution at 0.975: 95% lie between it and its negative.
// `degrees` >= 1.
double StudentT975(uint64_t degrees);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_SUMMARY_H_
