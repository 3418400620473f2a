#include "coordinator/sweeps/advance.h"

#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/sweeps/test_sweeps.h"
#include "gmock/gmock.h"

namespace outerloop::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What a trial scores after a step.
using ScoreOf = std::function<double(uint32_t trial, uint64_t step)>;

// Stands for the state machine and the workers: jobs by id, which do what the actions ask for,
// once.
class FakeJobs {
 public:
  explicit FakeJobs(ScoreOf score, std::string metric = "mse")
      : score_(std::move(score)), metric_(std::move(metric)) {}

  FindJobView view() const {
    return [this](const std::string& id) -> std::shared_ptr<const v1::Job> {
      const auto found = jobs_.find(id);
      return found == jobs_.end() ? nullptr : std::make_shared<const v1::Job>(found->second);
    };
  }

  void Do(const v1::Sweep& sweep, const SweepAction& action) {
    const uint32_t trial = TrialOf(action);
    const std::string& id = sweep.trials(static_cast<int>(trial)).job_id();
    if (const auto* submit = std::get_if<SubmitTrial>(&action)) {
      if (!jobs_.contains(id)) Queue(id, trial, submit->hold_step);
      jobs_[id].set_job_id(id);
    } else if (const auto* evaluate = std::get_if<EvaluateTrial>(&action)) {
      Evaluate(jobs_.at(id), *evaluate);
    } else if (const auto* release = std::get_if<ReleaseTrial>(&action)) {
      const bool is_repeat = !released_.insert({id, release->step}).second;
      if (!is_repeat) Queue(id, trial, release->hold_step);
    } else if (jobs_.contains(id) && !IsOver(jobs_[id])) {
      End(id, v1::CANCELLED);
    }
  }

  // Some job that can gets something done. False if none can.
  bool Work(std::mt19937& random) {
    std::vector<std::string> busy;
    for (const auto& [id, job] : jobs_) {
      if (job.state() == v1::QUEUED || Pending(job) >= 0) busy.push_back(id);
    }
    if (busy.empty()) return false;
    v1::Job& job = jobs_[busy[random() % busy.size()]];
    if (const int i = Pending(job); i >= 0) {
      Score(job, *job.mutable_evaluations(i));
    } else {
      Train(job);
    }
    return true;
  }

  void End(const std::string& id, v1::JobState state) {
    jobs_[id].set_state(state);
    jobs_[id].set_reason("for a reason");
    for (v1::Evaluation& evaluation : *jobs_[id].mutable_evaluations()) {
      if (evaluation.state() != v1::EVALUATION_PENDING) continue;
      evaluation.set_state(v1::EVALUATION_FAILED);
      evaluation.set_reason("its job ended");
    }
  }
  void Delete(const std::string& id) { jobs_.erase(id); }
  const std::map<std::string, v1::Job>& jobs() const { return jobs_; }
  int scored() const { return scored_; }

 private:
  static bool IsOver(const v1::Job& job) {
    return job.state() == v1::SUCCEEDED || job.state() == v1::FAILED ||
           job.state() == v1::CANCELLED;
  }
  static int Pending(const v1::Job& job) {
    for (int i = 0; i < job.evaluations_size(); ++i) {
      if (job.evaluations(i).state() == v1::EVALUATION_PENDING) return i;
    }
    return -1;
  }
  void Queue(const std::string& id, uint32_t trial, uint64_t hold_step) {
    jobs_[id].set_state(v1::QUEUED);
    trials_[id] = trial;
    holds_[id] = hold_step;
  }
  void Train(v1::Job& job) {
    const uint64_t hold = holds_.at(job.job_id());
    job.set_step(hold > 0 ? hold : 100);
    job.set_state(hold > 0 ? v1::PAUSED : v1::SUCCEEDED);
  }
  static void Evaluate(v1::Job& job, const EvaluateTrial& evaluate) {
    for (const v1::Evaluation& before : job.evaluations()) {
      if (before.evaluation_id() == evaluate.evaluation_id) return;
    }
    EXPECT_EQ(job.step(), evaluate.step);
    v1::Evaluation& evaluation = *job.add_evaluations();
    evaluation.set_evaluation_id(evaluate.evaluation_id);
    evaluation.set_step(evaluate.step);
    evaluation.set_state(v1::EVALUATION_PENDING);
    *evaluation.mutable_spec() = evaluate.spec;
  }
  void Score(const v1::Job& job, v1::Evaluation& evaluation) {
    v1::EvaluationResult& result = *evaluation.add_results();
    result.set_mode(v1::INDUCTIVE);
    result.set_metric(metric_);
    result.set_mean(score_(trials_.at(job.job_id()), evaluation.step()));
    evaluation.set_state(v1::EVALUATION_DONE);
    ++scored_;
  }

  const ScoreOf score_;
  const std::string metric_;
  std::map<std::string, v1::Job> jobs_;
  std::map<std::string, uint32_t> trials_;
  std::map<std::string, uint64_t> holds_;
  std::set<std::pair<std::string, uint64_t>> released_;
  int scored_ = 0;
};

// As the controller does it. One in `kills` times it is killed within the actions: their rest is
// not done, and the record is as before. 0: never.
v1::Sweep Drive(v1::Sweep sweep, FakeJobs& jobs, std::mt19937& random, uint32_t kills = 0) {
  while (true) {
    const Advance advance = AdvanceSweep(sweep, jobs.view(), absl::UnixEpoch());
    if (!advance.changed) return sweep;
    bool killed = false;
    for (const SweepAction& action : advance.actions) {
      killed = killed || (kills > 0 && random() % kills == 0);
      if (!killed) jobs.Do(sweep, action);
    }
    if (!killed) sweep = advance.sweep;
  }
}

v1::Sweep RunToEnd(v1::Sweep sweep, FakeJobs& jobs, uint32_t seed, uint32_t kills = 0) {
  std::mt19937 random(seed);
  sweep = Drive(std::move(sweep), jobs, random, kills);
  while (jobs.Work(random)) sweep = Drive(std::move(sweep), jobs, random, kills);
  return sweep;
}

// The steps at which each trial was scored.
std::vector<std::vector<uint64_t>> StepsOf(const v1::Sweep& sweep) {
  std::vector<std::vector<uint64_t>> steps;
  for (const v1::Trial& trial : sweep.trials()) {
    steps.emplace_back();
    for (const v1::RungScore& score : trial.scores()) steps.back().push_back(score.step());
  }
  return steps;
}

// Trial 3 is the best; the trials' order changes between the rungs.
double Score(uint32_t trial, uint64_t step) {
  return std::abs(static_cast<double>(trial) - 3) + (step < 20 ? 0.3 * (trial % 2) : 0);
}

TEST(AdvanceSweepTest, TrainsAllTrialsToTheEndWithoutHalving) {
  FakeJobs jobs(Score);
  const v1::Sweep sweep = RunToEnd(Begin(GivenSweep(5)), jobs, /*seed=*/1);
  EXPECT_EQ(sweep.state(), v1::SWEEP_SUCCEEDED) << sweep.reason();
  EXPECT_EQ(sweep.best(), 3u);
  for (const auto& steps : StepsOf(sweep)) EXPECT_THAT(steps, ElementsAre(100));
  for (const auto& [id, job] : jobs.jobs()) EXPECT_EQ(job.state(), v1::SUCCEEDED);
}

TEST(AdvanceSweepTest, EvaluatesTheBestAloneAndOnceOnTheTestSplit) {
  FakeJobs jobs(Score);
  const v1::Sweep sweep = RunToEnd(Begin(GivenSweep(5)), jobs, /*seed=*/1);
  ASSERT_THAT(sweep.evaluations(), SizeIs(1));
  EXPECT_EQ(sweep.evaluations(0).spec().split(), v1::TEST);
  EXPECT_EQ(sweep.evaluations(0).spec().tasks(), 1000u);
  EXPECT_EQ(sweep.evaluations(0).step(), 100u);
  EXPECT_EQ(jobs.scored(), 5 + 1);
  EXPECT_TRUE(sweep.has_finished());
}

TEST(AdvanceSweepTest, HoldsTrialsAtTheirRungsAndCancelsThoseThatAreBehind) {
  FakeJobs jobs(Score);
  const v1::Sweep sweep =
      RunToEnd(Begin(WithHalving(GivenSweep(9), /*first_steps=*/10, /*reduction=*/3)), jobs, 1);
  EXPECT_EQ(sweep.state(), v1::SWEEP_SUCCEEDED) << sweep.reason();
  EXPECT_EQ(sweep.best(), 3u);
  const std::vector<uint64_t> once = {10}, twice = {10, 30}, all = {10, 30, 90, 100};
  EXPECT_THAT(StepsOf(sweep), ElementsAre(once, once, twice, all, twice, once, once, once, once));
  EXPECT_EQ(sweep.trials(2).state(), v1::TRIAL_STOPPED);
  EXPECT_EQ(sweep.trials(3).state(), v1::TRIAL_FINISHED);
  EXPECT_EQ(jobs.jobs().at("sweep-x-2").state(), v1::CANCELLED);
  EXPECT_EQ(jobs.jobs().at("sweep-x-3").state(), v1::SUCCEEDED);
}

TEST(AdvanceSweepTest, TakesMoreOfAnAccuracyForBetter) {
  FakeJobs jobs([](uint32_t trial, uint64_t) { return 0.1 * trial; }, "accuracy");
  EXPECT_EQ(RunToEnd(Begin(GivenSweep(4)), jobs, /*seed=*/1).best(), 3u);
}

// The record is a function of the scores: whatever the order of work, wherever the coordinator
// dies.
TEST(AdvanceSweepTest, EndsAlikeInWhateverOrderWorkIsDoneAndWhereverItIsKilled) {
  const v1::Sweep begun = Begin(WithHalving(GivenSweep(12), 4, 2));
  FakeJobs undisturbed(Score);
  const v1::Sweep expected = RunToEnd(begun, undisturbed, /*seed=*/0);
  ASSERT_EQ(expected.state(), v1::SWEEP_SUCCEEDED);
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    FakeJobs jobs(Score);
    const v1::Sweep sweep = RunToEnd(begun, jobs, seed, /*kills=*/4);
    EXPECT_EQ(sweep.SerializeAsString(), expected.SerializeAsString()) << "seed " << seed;
    EXPECT_EQ(jobs.scored(), undisturbed.scored()) << "nothing is evaluated twice";
  }
}

TEST(AdvanceSweepTest, GoesOnWithoutATrialWhoseJobFails) {
  FakeJobs jobs(Score);
  std::mt19937 random(1);
  v1::Sweep sweep = Drive(Begin(WithHalving(GivenSweep(9), 10, 3)), jobs, random);
  jobs.End("sweep-x-3", v1::FAILED);
  while (jobs.Work(random)) sweep = Drive(std::move(sweep), jobs, random);
  EXPECT_EQ(sweep.state(), v1::SWEEP_SUCCEEDED) << sweep.reason();
  EXPECT_EQ(sweep.trials(3).state(), v1::TRIAL_FAILED);
  EXPECT_EQ(sweep.trials(3).reason(), "its job failed: for a reason");
  EXPECT_EQ(sweep.best(), 2u) << "the next best, the earlier one of equals";
}

TEST(AdvanceSweepTest, GoesOnWithoutATrialThatIsCancelledOrDeletedWhileItIsHeld) {
  for (const bool deleted : {false, true}) {
    FakeJobs jobs(Score);
    std::mt19937 random(1);
    v1::Sweep sweep = Drive(Begin(WithHalving(GivenSweep(9), 10, 3)), jobs, random);
    while (sweep.trials(3).state() != v1::TRIAL_WAITING) {
      ASSERT_TRUE(jobs.Work(random));
      sweep = Drive(std::move(sweep), jobs, random);
    }
    if (deleted) {
      jobs.Delete("sweep-x-3");
    } else {
      jobs.End("sweep-x-3", v1::CANCELLED);
    }
    while (jobs.Work(random)) sweep = Drive(std::move(sweep), jobs, random);
    EXPECT_EQ(sweep.state(), v1::SWEEP_SUCCEEDED) << sweep.reason();
    EXPECT_EQ(sweep.trials(3).state(), v1::TRIAL_FAILED);
    EXPECT_THAT(sweep.trials(3).reason(), HasSubstr(deleted ? "deleted" : "cancelled"));
    EXPECT_THAT(sweep.trials(3).scores(), SizeIs(1)) << "what it had scored stays";
    EXPECT_EQ(sweep.best(), 2u);
  }
}

TEST(AdvanceSweepTest, ATrialThatCannotBeEvaluatedFailsAndLeavesNoJobBehind) {
  FakeJobs jobs(Score);
  std::mt19937 random(1);
  v1::SweepSpec spec = WithHalving(GivenSweep(2), 10, 2);
  spec.mutable_objective()->set_mode(v1::TRANSDUCTIVE);  // Of which there is no score.
  const v1::Sweep sweep = RunToEnd(Begin(spec), jobs, /*seed=*/1);
  EXPECT_EQ(sweep.state(), v1::SWEEP_FAILED);
  EXPECT_THAT(sweep.reason(), HasSubstr("its evaluation has no TRANSDUCTIVE score"));
  for (const auto& [id, job] : jobs.jobs()) EXPECT_EQ(job.state(), v1::CANCELLED);
}

TEST(AdvanceSweepTest, FailsIfAllTrialsFail) {
  FakeJobs jobs(Score);
  std::mt19937 random(1);
  v1::Sweep sweep = Drive(Begin(WithHalving(GivenSweep(9), 10, 3)), jobs, random);
  for (const v1::Trial& trial : sweep.trials()) jobs.End(trial.job_id(), v1::FAILED);
  sweep = Drive(std::move(sweep), jobs, random);
  EXPECT_EQ(sweep.state(), v1::SWEEP_FAILED);
  EXPECT_THAT(sweep.reason(), HasSubstr("trial 0: its job failed: for a reason"));
  EXPECT_FALSE(sweep.has_best());
}

TEST(AdvanceSweepTest, ScoresThatAreNotFiniteAreTheWorst) {
  FakeJobs jobs([](uint32_t trial, uint64_t) {
    if (trial == 0) return std::nan("");
    return trial == 1 ? std::numeric_limits<double>::infinity() : 1e30;
  });
  EXPECT_EQ(RunToEnd(Begin(GivenSweep(3)), jobs, /*seed=*/1).best(), 2u);
}

TEST(AdvanceSweepTest, CancelsWhatHasNotEnded) {
  FakeJobs jobs(Score);
  std::mt19937 random(1);
  v1::Sweep sweep = Drive(Begin(WithHalving(GivenSweep(4), 10, 2)), jobs, random);
  for (int i = 0; i < 3; ++i) {
    jobs.Work(random);
    sweep = Drive(std::move(sweep), jobs, random);
  }
  sweep.set_cancelling(true);
  sweep = Drive(std::move(sweep), jobs, random, /*kills=*/2);
  EXPECT_EQ(sweep.state(), v1::SWEEP_CANCELLED);
  for (const auto& [id, job] : jobs.jobs()) EXPECT_EQ(job.state(), v1::CANCELLED);
  EXPECT_FALSE(AdvanceSweep(sweep, jobs.view(), absl::UnixEpoch()).changed);
}

TEST(AdvanceSweepTest, FailsIfTheBestTrialIsDeletedBeforeItIsTested) {
  FakeJobs jobs(Score);
  std::mt19937 random(1);
  v1::Sweep sweep = Drive(Begin(GivenSweep(2)), jobs, random);
  while (!sweep.has_best()) {
    ASSERT_TRUE(jobs.Work(random));
    sweep = Drive(std::move(sweep), jobs, random);
  }
  jobs.Delete(sweep.trials(static_cast<int>(sweep.best())).job_id());
  sweep = Drive(std::move(sweep), jobs, random);
  EXPECT_EQ(sweep.state(), v1::SWEEP_FAILED);
  EXPECT_EQ(sweep.reason(), "the best trial's job was deleted");
}

TEST(AdvanceSweepTest, ATrialWhoseActionWasRefusedIsFailed) {
  const v1::Sweep sweep = FailTrial(Begin(GivenSweep(2)), 1, "why");
  EXPECT_EQ(sweep.trials(1).state(), v1::TRIAL_FAILED);
  EXPECT_EQ(sweep.trials(1).reason(), "why");
  EXPECT_EQ(sweep.trials(0).state(), v1::TRIAL_PENDING);
}

}  // namespace
}  // namespace outerloop::coordinator
