// Two jobs on the same tasks: is one better than the other?
#ifndef OUTERLOOP_CLIENT_JOB_COMPARISON_H_
#define OUTERLOOP_CLIENT_JOB_COMPARISON_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/message_json.h"
#include "common/mean_and_interval.h"
#include "outerloop/v1/evaluation.pb.h"
#include "outerloop/v1/job.pb.h"
#include "outerloop/v1/job_service.pb.h"

namespace outerloop::client {

// One way to predict, by two jobs on the same tasks.
struct Comparison {
  v1::PredictionMode mode;
  std::string metric;
  uint64_t tasks = 0;
  uint32_t first_inner_steps = 0, second_inner_steps = 0;
  MeanAndInterval first, second;
  // Of the tasks' differences, first less second. How hard a task is falls out of it, so that it
  // tells jobs apart whose own intervals overlap.
  MeanAndInterval difference;
};

// Whether both jobs can be scored on the same tasks: they draw the same kind of episode from the
// same classes of the same data. FAILED_PRECONDITION says in which field they differ.
absl::Status CheckSameTasks(const v1::Job& first, const v1::Job& second);

// The way to score the second job like the first, given the first's complete specification: on
// tasks of the same split, number, sizes and seed. `inner_steps` are those of `asked`.
v1::EvaluationSpec SameTasks(const v1::EvaluationSpec& completed, const v1::EvaluationSpec& asked);

// A comparison for each mode that both have scores of, each by its series of the most inner steps.
// `first` and `second` are the series of evaluations on the same tasks. FAILED_PRECONDITION if they
// have no mode in common, or differ in metric or number of tasks.
absl::StatusOr<std::vector<Comparison>> Compare(std::span<const v1::ScoreSeries> first,
                                                std::span<const v1::ScoreSeries> second);

// [{mode, metric, tasks, first: {inner_steps, mean, ci95}, second: {...}, difference: {mean,
// ci95}}].
Json ComparisonsToJson(std::span<const Comparison> comparisons);

// A table, a line a comparison; `first` and `second` are what the jobs are called.
std::string ComparisonTable(std::span<const Comparison> comparisons, const std::string& first,
                            const std::string& second);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_JOB_COMPARISON_H_
