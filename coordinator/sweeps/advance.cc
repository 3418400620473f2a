#include "coordinator/sweeps/advance.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/core/complete_spec.h"
#include "coordinator/store/records.h"
#include "coordinator/sweeps/complete_sweep.h"
#include "coordinator/sweeps/halving.h"

namespace outerloop::coordinator {
namespace {

using JobView = std::shared_ptr<const v1::Job>;

const v1::Evaluation* FindEvaluation(const JobView& job, const std::string& evaluation_id) {
  if (job == nullptr) return nullptr;
  for (const v1::Evaluation& evaluation : job->evaluations()) {
    if (evaluation.evaluation_id() == evaluation_id) return &evaluation;
  }
  return nullptr;
}

const v1::EvaluationResult* FindResult(const v1::Evaluation& evaluation, v1::PredictionMode mode) {
  for (const v1::EvaluationResult& result : evaluation.results()) {
    if (result.mode() == mode) return &result;
  }
  return nullptr;
}

// Why a trial cannot go on with its job; "" if it can.
std::string WhyLost(const JobView& job) {
  if (job == nullptr) return "its job was deleted";
  if (job->state() == v1::CANCELLED) return "its job was cancelled";
  if (job->state() == v1::FAILED) return absl::StrCat("its job failed: ", job->reason());
  return "";
}

// One call of AdvanceSweep.
class Advancer {
 public:
  Advancer(const v1::Sweep& sweep, const FindJobView& find_job, absl::Time now)
      : find_job_(find_job), now_(now) {
    next_.sweep = sweep;
  }

  Advance Run() {
    if (HasEnded(next_.sweep.state())) return std::move(next_);
    if (next_.sweep.cancelling()) {
      Cancel();
      return std::move(next_);
    }
    for (uint32_t trial = 0; trial < trials(); ++trial) Follow(trial);
    const Halving halving = ScoresSoFar();
    for (uint32_t trial = 0; trial < trials(); ++trial) Judge(halving, trial);
    if (!next_.sweep.has_best()) Choose(halving);
    if (next_.sweep.has_best() && !HasEnded(next_.sweep.state())) Test();
    return std::move(next_);
  }

 private:
  uint32_t trials() const { return static_cast<uint32_t>(next_.sweep.trials_size()); }
  v1::Trial& At(uint32_t trial) { return *next_.sweep.mutable_trials(static_cast<int>(trial)); }
  const v1::SweepSpec& spec() const { return next_.sweep.spec(); }
  std::vector<uint64_t> rungs(uint32_t trial) const { return RungsOf(spec(), trial); }

  // ---- Changes

  void Become(uint32_t trial, v1::TrialState state) {
    At(trial).set_state(state);
    next_.changed = true;
  }
  void Fail(uint32_t trial, const std::string& reason) {
    next_.sweep = FailTrial(std::move(next_.sweep), trial, reason);
    next_.actions.push_back(CancelTrial{trial});
    next_.changed = true;
  }
  void End(v1::SweepState state, const std::string& reason) {
    next_.sweep.set_state(state);
    next_.sweep.set_reason(reason);
    SetTimestamp(now_, next_.sweep.mutable_finished());
    next_.changed = true;
  }

  // ---- A trial by itself

  void Follow(uint32_t trial) {
    switch (At(trial).state()) {
      case v1::TRIAL_PENDING:
        next_.actions.push_back(SubmitTrial{trial, HoldAt(trial, 0)});
        return Become(trial, v1::TRIAL_TRAINING);
      case v1::TRIAL_TRAINING:
        return FollowTraining(trial);
      case v1::TRIAL_SCORING:
        return FollowScoring(trial);
      default:
        return;
    }
  }

  // Where its job is to be held on the way to this rung; 0 on the way to its end.
  uint64_t HoldAt(uint32_t trial, size_t rung) const {
    const std::vector<uint64_t> steps = rungs(trial);
    return rung + 1 < steps.size() ? steps[rung] : 0;
  }

  void FollowTraining(uint32_t trial) {
    const JobView job = find_job_(At(trial).job_id());
    if (const std::string why = WhyLost(job); !why.empty()) return Fail(trial, why);
    const uint64_t step = rungs(trial).at(At(trial).scores_size());
    const bool has_come = job->state() == v1::SUCCEEDED || job->state() == v1::PAUSED;
    if (!has_come || job->step() != step) return;
    next_.actions.push_back(EvaluateTrial{trial, step, ScoreId(trial), ScoredBy(spec(), trial)});
    Become(trial, v1::TRIAL_SCORING);
  }

  std::string ScoreId(uint32_t trial) {
    return absl::StrCat(At(trial).job_id(), "-rung-", At(trial).scores_size());
  }

  void FollowScoring(uint32_t trial) {
    const JobView job = find_job_(At(trial).job_id());
    if (job == nullptr) return Fail(trial, WhyLost(job));
    const v1::Evaluation* evaluation = FindEvaluation(job, ScoreId(trial));
    if (evaluation == nullptr || evaluation->state() == v1::EVALUATION_PENDING) return;
    if (evaluation->state() == v1::EVALUATION_FAILED) {
      return Fail(trial, absl::StrCat("its evaluation failed: ", evaluation->reason()));
    }
    const v1::PredictionMode mode = spec().objective().mode();
    const v1::EvaluationResult* result = FindResult(*evaluation, mode);
    if (result == nullptr) {
      return Fail(trial, absl::StrCat("its evaluation has no ", v1::PredictionMode_Name(mode),
                                      " score; set objective.mode"));
    }
    v1::RungScore& score = *At(trial).add_scores();
    score.set_step(evaluation->step());
    *score.mutable_result() = *result;
    const bool last = static_cast<size_t>(At(trial).scores_size()) == rungs(trial).size();
    Become(trial, last ? v1::TRIAL_FINISHED : v1::TRIAL_WAITING);
  }

  // ---- Trials among each other

  Halving ScoresSoFar() {
    const uint32_t reduction = std::max(spec().halving().reduction(), 2u);
    Halving halving(trials(), static_cast<uint32_t>(rungs(0).size()), reduction);
    for (uint32_t trial = 0; trial < trials(); ++trial) {
      for (int rung = 0; rung < At(trial).scores_size(); ++rung) {
        const v1::EvaluationResult& result = At(trial).scores(rung).result();
        const double sign = MoreIsBetter(result.metric()) ? 1 : -1;
        halving.Report(trial, static_cast<uint32_t>(rung), sign * result.mean());
      }
    }
    for (uint32_t rung = 0; rung < halving.rungs(); ++rung) ReportFailed(halving, rung);
    return halving;
  }

  // Trials that failed on the way to this rung, or before and are among the best all the same.
  void ReportFailed(Halving& halving, uint32_t rung) {
    for (uint32_t trial = 0; trial < trials(); ++trial) {
      const auto scored = static_cast<uint32_t>(At(trial).scores_size());
      if (At(trial).state() != v1::TRIAL_FAILED || scored > rung) continue;
      const bool comes =
          scored == rung || halving.VerdictOn(trial, rung - 1) == Halving::Verdict::kPromoted;
      if (comes) halving.Report(trial, rung, std::numeric_limits<double>::quiet_NaN());
    }
  }

  void Judge(const Halving& halving, uint32_t trial) {
    if (At(trial).state() != v1::TRIAL_WAITING) return;
    const auto rung = static_cast<uint32_t>(At(trial).scores_size()) - 1;
    switch (halving.VerdictOn(trial, rung)) {
      case Halving::Verdict::kOpen:
        return;
      case Halving::Verdict::kStopped:
        next_.actions.push_back(CancelTrial{trial});
        return Become(trial, v1::TRIAL_STOPPED);
      case Halving::Verdict::kPromoted:
        return Promote(trial, rung);
    }
  }

  void Promote(uint32_t trial, uint32_t rung) {
    const std::string why = WhyLost(find_job_(At(trial).job_id()));
    if (!why.empty()) return Fail(trial, why);
    next_.actions.push_back(ReleaseTrial{trial, rungs(trial)[rung], HoldAt(trial, rung + 1)});
    Become(trial, v1::TRIAL_TRAINING);
  }

  // ---- The end

  void Choose(const Halving& halving) {
    const std::optional<uint32_t> best = halving.Best();
    if (!best.has_value()) return;
    if (At(*best).state() == v1::TRIAL_FAILED) return End(v1::SWEEP_FAILED, WhyNoneIsBest(*best));
    next_.sweep.set_best(*best);
    next_.sweep.set_reason(absl::StrCat("evaluates the best trial, ", *best));
    next_.changed = true;
  }

  std::string WhyNoneIsBest(uint32_t trial) {
    return absl::StrCat("no trial came to its end; trial ", trial, ": ", At(trial).reason());
  }

  void Test() {
    const uint32_t best = next_.sweep.best();
    const JobView job = find_job_(At(best).job_id());
    if (job == nullptr) return End(v1::SWEEP_FAILED, "the best trial's job was deleted");
    if (At(best).state() == v1::TRIAL_FAILED) return End(v1::SWEEP_FAILED, At(best).reason());
    bool complete = true;
    for (int i = 0; i < spec().evaluations_size(); ++i) {
      const std::string id = absl::StrCat(At(best).job_id(), "-best-", i);
      const v1::Evaluation* evaluation = FindEvaluation(job, id);
      if (evaluation == nullptr) Ask(best, i, id);
      complete = complete && evaluation != nullptr && evaluation->state() == v1::EVALUATION_DONE;
      if (evaluation == nullptr || evaluation->state() != v1::EVALUATION_FAILED) continue;
      return End(
          v1::SWEEP_FAILED,
          absl::StrCat("evaluations[", i, "] of the best trial failed: ", evaluation->reason()));
    }
    if (complete) Succeed(*job);
  }

  void Ask(uint32_t best, int i, const std::string& evaluation_id) {
    const v1::JobSpec& job = spec().trials(static_cast<int>(best)).job();
    const std::string path = absl::StrCat("evaluations[", i, "]");
    next_.actions.push_back(
        EvaluateTrial{best, job.training().steps(), evaluation_id,
                      CompleteEvaluation(spec().evaluations(i), job, path).value()});
    next_.changed = true;
  }

  void Succeed(const v1::Job& job) {
    for (int i = 0; i < spec().evaluations_size(); ++i) {
      const std::string id = absl::StrCat(job.job_id(), "-best-", i);
      for (const v1::Evaluation& evaluation : job.evaluations()) {
        if (evaluation.evaluation_id() == id) *next_.sweep.add_evaluations() = evaluation;
      }
    }
    End(v1::SWEEP_SUCCEEDED, "");
  }

  void Cancel() {
    for (uint32_t trial = 0; trial < trials(); ++trial) {
      const v1::TrialState state = At(trial).state();
      const bool is_over =
          state == v1::TRIAL_STOPPED || state == v1::TRIAL_FINISHED || state == v1::TRIAL_FAILED;
      if (is_over) continue;
      next_.actions.push_back(CancelTrial{trial});
      Become(trial, v1::TRIAL_STOPPED);
    }
    End(v1::SWEEP_CANCELLED, "cancelled");
  }

  const FindJobView& find_job_;
  const absl::Time now_;
  Advance next_;
};

}  // namespace

Advance AdvanceSweep(const v1::Sweep& sweep, const FindJobView& find_job, absl::Time now) {
  return Advancer(sweep, find_job, now).Run();
}

v1::Sweep FailTrial(v1::Sweep sweep, uint32_t trial, const std::string& reason) {
  v1::Trial& failed = *sweep.mutable_trials(static_cast<int>(trial));
  failed.set_state(v1::TRIAL_FAILED);
  failed.set_reason(reason);
  return sweep;
}

uint32_t TrialOf(const SweepAction& action) {
  return std::visit([](const auto& of) { return of.trial; }, action);
}

bool MoreIsBetter(const std::string& metric) { return metric != "mse"; }

bool HasEnded(v1::SweepState state) {
  return state == v1::SWEEP_SUCCEEDED || state == v1::SWEEP_FAILED || state == v1::SWEEP_CANCELLED;
}

}  // namespace outerloop::coordinator
