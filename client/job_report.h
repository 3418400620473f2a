// Jobs and their results, for people and for programs.
#ifndef OUTERLOOP_CLIENT_JOB_REPORT_H_
#define OUTERLOOP_CLIENT_JOB_REPORT_H_

#include <span>
#include <string>
#include <vector>

#include "client/message_json.h"
#include "outerloop/v1/evaluation.pb.h"
#include "outerloop/v1/job_service.pb.h"

namespace outerloop::client {

// {job_id, name, state, reason, step, steps, generation, workers, parameters_sha256, dataset,
// dataset_sha256, checkpoint_step, created, started, finished, evaluations, checkpoints}; times are
// null until they come; each checkpoint is {step, sha256, size_bytes, parameters_sha256, created,
// loss, best}, `loss` null where it is not known. The names stay.
Json JobToJson(const v1::Job& job);

// The results of all `evaluations` in one list, each {evaluation_id, step, split, mode, metric,
// inner_steps, tasks, mean, ci95, published}; `published` is {value, ci95, source}, or null where
// `spec` has no such figure. An evaluation without results yet is not in it.
Json EvaluationsToJson(std::span<const v1::Evaluation* const> evaluations, const v1::JobSpec& spec);

// A table, a line a result: mean +- 95% interval, accuracy in %, and beside it the published figure
// of the same split, mode, inner steps and tasks with its source. Then a line for each evaluation
// that has no results, saying why. "" if there are none.
std::string ResultTable(std::span<const v1::Evaluation* const> evaluations,
                        const v1::JobSpec& spec);

// A table, a line a checkpoint, the best one marked. "" if there are none.
std::string CheckpointTable(const v1::Job& job);

// What a watch ends with: how the job ended, the result table and the digest of the parameters.
std::string EndReport(const v1::Job& job);

// All evaluations of a job, for the functions above.
std::vector<const v1::Evaluation*> EvaluationsOf(const v1::Job& job);

// The figure to compare `result` with; null if there is none.
const v1::PublishedResult* FindPublished(const v1::Evaluation& evaluation,
                                         const v1::EvaluationResult& result,
                                         const v1::JobSpec& spec);

// "5-way 1-shot", or "10-shot" where there are no classes.
std::string TaskName(const v1::EvaluationSpec& spec);

// "98.70 ± 0.40 %" for metric "accuracy", "0.671 ± 0.02" for others; no interval if `ci95` is 0.
// Says so in words if the mean is not finite: the inner loop of some task ran away.
std::string FormatScore(const std::string& metric, double mean, double ci95);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_JOB_REPORT_H_
