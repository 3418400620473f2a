#include "coordinator/sweeps/complete_sweep.h"

#include <functional>

#include "coordinator/sweeps/test_sweeps.h"
#include "gmock/gmock.h"

namespace outerloop::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

TEST(CompleteSweepTest, FillsInTheDefaults) {
  const auto spec = CompleteSweep(WithHalving(GivenSweep(3), 10, 4));
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->trials(2).job().name(), "rates-2");
  EXPECT_EQ(spec->trials(2).job().training().tasks_per_shard(), 3u);
  EXPECT_EQ(spec->objective().mode(), v1::INDUCTIVE);
  EXPECT_EQ(spec->objective().evaluation().split(), v1::VALIDATION);
  EXPECT_EQ(spec->objective().evaluation().seed(), 7u);
  ASSERT_EQ(spec->evaluations_size(), 1);
  EXPECT_EQ(spec->evaluations(0).split(), v1::TEST);
  EXPECT_EQ(CompleteSweep(*spec)->SerializeAsString(), spec->SerializeAsString());
}

TEST(CompleteSweepTest, TestsTheBestAsItWasScoredOnTheDefaultNumberOfTasks) {
  v1::SweepSpec given = GivenSweep(1);
  given.mutable_objective()->mutable_evaluation()->add_inner_steps(5);
  given.mutable_objective()->mutable_evaluation()->set_tasks(40);
  const auto spec = CompleteSweep(given);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_THAT(spec->evaluations(0).inner_steps(), ElementsAre(5u));
  EXPECT_FALSE(spec->evaluations(0).has_tasks());
}

TEST(CompleteSweepTest, ReducesToAThirdUnlessToldOtherwise) {
  v1::SweepSpec given = GivenSweep(2);
  given.mutable_halving()->set_first_steps(10);
  EXPECT_EQ(CompleteSweep(given)->halving().reduction(), 3u);
}

// Trials whose own seeds differ are compared on the same tasks.
TEST(CompleteSweepTest, ScoresAllTrialsOnTheSameTasks) {
  v1::SweepSpec given = GivenSweep(2);
  given.mutable_trials(1)->mutable_job()->mutable_training()->set_seed(99);
  const auto spec = CompleteSweep(given);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(ScoredBy(*spec, 1).seed(), 7u);
  EXPECT_EQ(ScoredBy(*spec, 1).SerializeAsString(), ScoredBy(*spec, 0).SerializeAsString());
}

TEST(CompleteSweepTest, ScoresOnceAtTheEndWithoutHalving) {
  EXPECT_THAT(RungsOf(*CompleteSweep(GivenSweep(2)), 1), ElementsAre(100));
  EXPECT_THAT(RungsOf(*CompleteSweep(WithHalving(GivenSweep(2), 10, 3)), 1),
              ElementsAre(10, 30, 90, 100));
}

struct Refusal {
  std::string what;
  std::function<void(v1::SweepSpec&)> spoil;
  std::string message;  // That it begins with.
};

class CompleteSweepRefusals : public testing::TestWithParam<Refusal> {};

TEST_P(CompleteSweepRefusals, NamesTheField) {
  v1::SweepSpec spec = WithHalving(GivenSweep(3), 10, 3);
  GetParam().spoil(spec);
  const absl::Status status = CompleteSweep(spec).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), StartsWith(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, CompleteSweepRefusals,
    testing::Values(
        Refusal{"NoName", [](v1::SweepSpec& spec) { spec.clear_name(); }, "name: "},
        Refusal{"LongName", [](v1::SweepSpec& spec) { spec.set_name(std::string(57, 'a')); },
                "name: "},
        Refusal{"NoTrials", [](v1::SweepSpec& spec) { spec.clear_trials(); },
                "trials: nothing given; give at least one"},
        Refusal{"TooManyTrials", [](v1::SweepSpec& spec) { spec = GivenSweep(513); }, "trials: "},
        Refusal{"BadTrial",
                [](v1::SweepSpec& spec) {
                  spec.mutable_trials(1)->mutable_job()->mutable_training()->set_steps(0);
                },
                "trials[1].job.training.steps: 0 is not allowed"},
        Refusal{
            "EvaluationsOfATrial",
            [](v1::SweepSpec& spec) { spec.mutable_trials(2)->mutable_job()->add_evaluations(); },
            "trials[2].job.evaluations: a list of 1 is not allowed; give none"},
        Refusal{"StartFrom",
                [](v1::SweepSpec& spec) {
                  spec.mutable_trials(0)->mutable_job()->mutable_start_from()->set_job("other");
                },
                "trials[0].job.start_from: "},
        Refusal{"ReductionOfOne",
                [](v1::SweepSpec& spec) { spec.mutable_halving()->set_reduction(1); },
                "halving.reduction: 1 is not allowed"},
        Refusal{"NoFirstSteps",
                [](v1::SweepSpec& spec) { spec.mutable_halving()->set_first_steps(0); },
                "halving.first_steps: 0 is not allowed; give 1 to 99: training.steps is 100"},
        Refusal{"FirstStepsBeyondTheLast",
                [](v1::SweepSpec& spec) { spec.mutable_halving()->set_first_steps(100); },
                "halving.first_steps: 100 is not allowed; give 1 to 99: training.steps is 100"},
        Refusal{"HalvingOfDifferentSteps",
                [](v1::SweepSpec& spec) {
                  spec.mutable_trials(1)->mutable_job()->mutable_training()->set_steps(50);
                },
                "trials[1].job.training.steps: 50 is not allowed; give 100"},
        Refusal{"ObjectiveOnTheTestSplit",
                [](v1::SweepSpec& spec) {
                  spec.mutable_objective()->mutable_evaluation()->set_split(v1::TEST);
                },
                "objective.evaluation.split: TEST is not allowed; give VALIDATION"},
        Refusal{"ObjectiveOfTwoScores",
                [](v1::SweepSpec& spec) {
                  spec.mutable_objective()->mutable_evaluation()->add_inner_steps(1);
                  spec.mutable_objective()->mutable_evaluation()->add_inner_steps(2);
                },
                "objective.evaluation.inner_steps: "},
        Refusal{"ObjectiveOfOneTask",
                [](v1::SweepSpec& spec) {
                  spec.mutable_objective()->mutable_evaluation()->set_tasks(1);
                },
                "objective.evaluation.tasks: 1 is not allowed"},
        Refusal{"EvaluationOfTheBest",
                [](v1::SweepSpec& spec) { spec.add_evaluations()->set_tasks(0); },
                "evaluations[0].tasks: 0 is not allowed"}),
    [](const auto& info) { return info.param.what; });

}  // namespace
}  // namespace outerloop::coordinator
