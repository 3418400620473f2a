#include "coordinator/sweeps/complete_sweep.h"

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "common/status_macros.h"
#include "coordinator/core/complete_fields.h"
#include "coordinator/core/complete_spec.h"
#include "coordinator/core/field_checks.h"
#include "coordinator/sweeps/halving.h"

namespace outerloop::coordinator {
namespace {

std::string JobPath(int trial) { return absl::StrCat("trials[", trial, "].job."); }

absl::Status CompleteTrial(int trial, const std::string& sweep, v1::JobSpec& job) {
  job.set_name(absl::StrCat(sweep, "-", trial));
  absl::StatusOr<v1::JobSpec> complete = CompleteSpec(job);
  if (!complete.ok()) return InTrial(trial, complete.status());
  job = *std::move(complete);
  if (job.evaluations_size() > 0) {
    return Refuse(JobPath(trial) + "evaluations",
                  absl::StrCat("a list of ", job.evaluations_size()),
                  "none: the sweep's own are done on the best trial, once");
  }
  if (!job.has_start_from()) return absl::OkStatus();
  return Refuse(JobPath(trial) + "start_from", Quote(job.start_from().job()),
                "none: trials start afresh");
}

absl::Status CompleteTrials(v1::SweepSpec& spec) {
  if (spec.trials().empty()) return Missing("trials", "at least one");
  RETURN_IF_ERROR(CheckCount("trials", spec.trials_size(), kMaxTrials));
  for (int i = 0; i < spec.trials_size(); ++i) {
    RETURN_IF_ERROR(CompleteTrial(i, spec.name(), *spec.mutable_trials(i)->mutable_job()));
  }
  return absl::OkStatus();
}

absl::Status CompleteHalving(v1::SweepSpec& spec) {
  if (!spec.has_halving()) return absl::OkStatus();
  v1::Halving& halving = *spec.mutable_halving();
  RETURN_IF_ERROR(CompleteFields("halving", halving));
  const uint64_t steps = spec.trials(0).job().training().steps();
  for (int i = 0; i < spec.trials_size(); ++i) {
    const uint64_t own = spec.trials(i).job().training().steps();
    if (own == steps) continue;
    return Refuse(JobPath(i) + "training.steps", absl::StrCat(own),
                  absl::StrCat(steps, ", as in trial 0: with halving all trials have as many"));
  }
  if (halving.first_steps() >= 1 && halving.first_steps() < steps) return absl::OkStatus();
  return Refuse("halving.first_steps", absl::StrCat(halving.first_steps()),
                steps == 1 ? "no halving: training.steps is 1"
                           : absl::StrCat("1 to ", steps - 1, ": training.steps is ", steps));
}

// Whether it can be done on every trial. `path` is where errors say that it is.
absl::Status CheckEvaluation(const v1::SweepSpec& spec, const v1::EvaluationSpec& evaluation,
                             const std::string& path) {
  for (const v1::TrialSpec& trial : spec.trials()) {
    RETURN_IF_ERROR(CompleteEvaluation(evaluation, trial.job(), path).status());
  }
  return absl::OkStatus();
}

absl::Status CompleteObjective(v1::SweepSpec& spec) {
  const std::string path = "objective.evaluation";
  v1::Objective& objective = *spec.mutable_objective();
  v1::EvaluationSpec& evaluation = *objective.mutable_evaluation();
  if (evaluation.split() == v1::SPLIT_UNSPECIFIED) evaluation.set_split(v1::VALIDATION);
  if (!evaluation.has_seed()) evaluation.set_seed(spec.seed());
  if (evaluation.split() != v1::VALIDATION) {
    return Refuse(path + ".split", v1::Split_Name(evaluation.split()),
                  "VALIDATION: what trials are chosen by must not be what the best is tested on");
  }
  RETURN_IF_ERROR(CheckCount(path + ".inner_steps", evaluation.inner_steps_size(), 1));
  if (objective.mode() == v1::PREDICTION_MODE_UNSPECIFIED) objective.set_mode(v1::INDUCTIVE);
  if (!v1::PredictionMode_IsValid(objective.mode())) {
    return Refuse("objective.mode", absl::StrCat(objective.mode()),
                  "one of TRANSDUCTIVE, INDUCTIVE");
  }
  return CheckEvaluation(spec, evaluation, path);
}

absl::Status CompleteFinalEvaluations(v1::SweepSpec& spec) {
  if (spec.evaluations().empty()) {
    v1::EvaluationSpec& test = *spec.add_evaluations();
    test = spec.objective().evaluation();
    test.set_split(v1::TEST);
    test.clear_tasks();
  }
  RETURN_IF_ERROR(CheckCount("evaluations", spec.evaluations_size(), kMaxEvaluations));
  for (int i = 0; i < spec.evaluations_size(); ++i) {
    RETURN_IF_ERROR(
        CheckEvaluation(spec, spec.evaluations(i), absl::StrCat("evaluations[", i, "]")));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status InTrial(int trial, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(JobPath(trial), status.message()));
}

absl::StatusOr<v1::SweepSpec> CompleteSweep(const v1::SweepSpec& given) {
  v1::SweepSpec spec = given;
  RETURN_IF_ERROR(CheckName("name", spec.name()));
  RETURN_IF_ERROR(CheckLength("name", spec.name(), 1, kLongestSweepName));
  RETURN_IF_ERROR(CompleteTrials(spec));
  RETURN_IF_ERROR(CompleteHalving(spec));
  RETURN_IF_ERROR(CompleteObjective(spec));
  RETURN_IF_ERROR(CompleteFinalEvaluations(spec));
  return spec;
}

v1::Sweep BeginSweep(const v1::SweepSpec& spec, const std::string& sweep_id,
                     const std::string& request_id, absl::Time now) {
  v1::Sweep sweep;
  sweep.set_sweep_id(sweep_id);
  sweep.set_request_id(request_id);
  *sweep.mutable_spec() = spec;
  sweep.set_state(v1::SWEEP_RUNNING);
  for (int i = 0; i < spec.trials_size(); ++i) {
    v1::Trial& trial = *sweep.add_trials();
    trial.set_job_id(absl::StrCat(sweep_id, "-", i));
    trial.set_state(v1::TRIAL_PENDING);
  }
  SetTimestamp(now, sweep.mutable_created());
  return sweep;
}

v1::EvaluationSpec ScoredBy(const v1::SweepSpec& sweep, uint32_t trial) {
  const int index = static_cast<int>(trial);
  return CompleteEvaluation(sweep.objective().evaluation(), sweep.trials(index).job(),
                            "objective.evaluation")
      .value();
}

std::vector<uint64_t> RungsOf(const v1::SweepSpec& sweep, uint32_t trial) {
  const uint64_t steps = sweep.trials(static_cast<int>(trial)).job().training().steps();
  return RungSteps(sweep.halving().first_steps(), sweep.halving().reduction(), steps);
}

}  // namespace outerloop::coordinator
