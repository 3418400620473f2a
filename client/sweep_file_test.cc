#include "client/sweep_file.h"

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kJob[] = R"(
name: rates
seed: 7
job:
  extends: maml-sinusoid
  training: {steps: 500}
)";

absl::StatusOr<v1::SweepSpec> Parse(const std::string& rest,
                                    const std::vector<std::string>& overrides = {}) {
  return ParseSweep(absl::StrCat(kJob, rest), "sweep.yaml", overrides);
}

v1::SweepSpec MustParse(const std::string& rest) {
  const auto spec = Parse(rest);
  EXPECT_TRUE(spec.ok()) << spec.status();
  return spec.value_or(v1::SweepSpec());
}

std::vector<std::string> Values(const v1::SweepSpec& spec) {
  std::vector<std::string> values;
  for (const v1::TrialSpec& trial : spec.trials()) {
    values.emplace_back();
    for (const v1::Setting& setting : trial.settings()) {
      absl::StrAppend(&values.back(), values.back().empty() ? "" : " ", setting.value());
    }
  }
  return values;
}

TEST(SweepFileTest, AGridHasAllCombinationsWithTheLastAxisFirst) {
  const v1::SweepSpec spec = MustParse(R"(
axes:
  meta_optimizer.adam.rate: {values: [0.1, 0.2]}
  algorithm.maml.inner_steps: {integers: [1, 3]}
)");
  EXPECT_THAT(Values(spec),
              testing::ElementsAre("0.1 1", "0.1 2", "0.1 3", "0.2 1", "0.2 2", "0.2 3"));
  EXPECT_EQ(spec.trials(5).job().meta_optimizer().adam().rate(), 0.2);
  EXPECT_EQ(spec.trials(5).job().algorithm().maml().inner_steps(), 3u);
  EXPECT_EQ(spec.trials(5).job().training().steps(), 500u) << "the file's own change stays";
  EXPECT_EQ(spec.trials(5).settings(0).path(), "meta_optimizer.adam.rate");
}

TEST(SweepFileTest, AValueMayBeAListOrAnotherKindOfAMessage) {
  const v1::SweepSpec spec = MustParse(R"(
axes:
  model.mlp.hidden: {values: [[8], [16, 16]]}
  meta_optimizer: {values: [{sgd: {rate: 0.5}}, {adam: {}}]}
)");
  EXPECT_EQ(Values(spec)[2], "[16, 16] {sgd: {rate: 0.5}}");
  EXPECT_EQ(spec.trials(2).job().model().mlp().hidden_size(), 2);
  EXPECT_EQ(spec.trials(2).job().meta_optimizer().sgd().rate(), 0.5);
  EXPECT_TRUE(spec.trials(3).job().meta_optimizer().has_adam());
}

constexpr char kRandom[] = R"(
axes:
  meta_optimizer.adam.rate: {log_uniform: [0.0001, 1]}
  algorithm.maml.inner_rate: {uniform: [0.25, 0.5]}
  algorithm.maml.inner_steps: {integers: [1, 4]}
  training.seed: {values: [3, 5]}
search: {random: {trials: 400}}
)";

// The draws are part of what a sweep stands for: they stay as they are.
TEST(SweepFileTest, DrawsTheSameForTheSameSeedAlways) {
  const std::vector<std::string> values = Values(MustParse(kRandom));
  EXPECT_EQ(values, Values(MustParse(kRandom)));
  EXPECT_EQ(values[0], "0.127742 0.438648 3 3");
  std::string text(kRandom);
  const v1::SweepSpec fewer = MustParse(text.replace(text.find("400"), 3, "40"));
  EXPECT_EQ(Values(fewer), std::vector<std::string>(values.begin(), values.begin() + 40))
      << "more trials go on where fewer end";
}

TEST(SweepFileTest, DrawsDifferForAnotherSeed) {
  const std::string text = absl::StrCat("name: a\nseed: 8\njob: {extends: maml-sinusoid}", kRandom);
  EXPECT_NE(Values(*ParseSweep(text, "sweep.yaml", {})), Values(MustParse(kRandom)));
}

TEST(SweepFileTest, DrawsWithinBoundsAndOfTheRightDistribution) {
  double log_sum = 0, sum = 0;
  std::set<uint32_t> steps;
  std::set<uint64_t> seeds;
  const v1::SweepSpec spec = MustParse(kRandom);
  ASSERT_THAT(spec.trials(), SizeIs(400));
  for (const v1::TrialSpec& trial : spec.trials()) {
    const v1::JobSpec& job = trial.job();
    const double rate = job.meta_optimizer().adam().rate();
    const double inner_rate = job.algorithm().maml().inner_rate();
    EXPECT_TRUE(rate >= 0.0001 && rate <= 1) << rate;
    EXPECT_TRUE(inner_rate >= 0.25 && inner_rate <= 0.5) << inner_rate;
    log_sum += std::log10(rate);
    sum += inner_rate;
    steps.insert(job.algorithm().maml().inner_steps());
    seeds.insert(job.training().seed());
  }
  // Means of uniform variables over [-4, 0] and [0.25, 0.5], four standard deviations wide.
  EXPECT_NEAR(log_sum / 400, -2, 4 * 4 / std::sqrt(12 * 400));
  EXPECT_NEAR(sum / 400, 0.375, 4 * 0.25 / std::sqrt(12 * 400));
  EXPECT_EQ(steps, (std::set<uint32_t>{1, 2, 3, 4}));
  EXPECT_EQ(seeds, (std::set<uint64_t>{3, 5}));
}

TEST(SweepFileTest, TheJobsEvaluationsAreForTheBestTrial) {
  const v1::SweepSpec spec = MustParse("axes: {training.seed: {values: [1, 2]}}");
  ASSERT_THAT(spec.evaluations(), SizeIs(2));
  EXPECT_EQ(spec.evaluations(0).tasks(), 1000u);
  for (const v1::TrialSpec& trial : spec.trials()) EXPECT_TRUE(trial.job().evaluations().empty());
  const v1::SweepSpec own =
      MustParse("axes: {training.seed: {values: [1, 2]}}\nevaluations: [{tasks: 9}]");
  ASSERT_THAT(own.evaluations(), SizeIs(1));
  EXPECT_EQ(own.evaluations(0).tasks(), 9u);
}

TEST(SweepFileTest, ReadsHalvingAndObjectiveAndTakesOverrides) {
  const auto spec = Parse(R"(
axes: {training.seed: {values: [1, 2]}}
search: grid
halving: {first_steps: 50, reduction: 4}
objective: {evaluation: {tasks: 30, shots: 5}, mode: TRANSDUCTIVE}
)",
                          {"training.steps=70"});
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->name(), "rates");
  EXPECT_EQ(spec->seed(), 7u);
  EXPECT_EQ(spec->halving().first_steps(), 50u);
  EXPECT_EQ(spec->halving().reduction(), 4u);
  EXPECT_EQ(spec->objective().evaluation().shots(), 5u);
  EXPECT_EQ(spec->objective().mode(), v1::TRANSDUCTIVE);
  EXPECT_EQ(spec->trials(1).job().training().steps(), 70u);
}

TEST(SweepFileTest, TheExampleOfTheDocumentationIsASweep) {
  const auto spec = ReadSweepFile(OUTERLOOP_EXAMPLE_SWEEP, {});
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_THAT(spec->trials(), SizeIs(12));
  EXPECT_EQ(spec->halving().first_steps(), 250u);
}

struct Refusal {
  std::string what;
  std::string text;  // After kJob, whose last line is the sixth.
  std::string message;
};

class SweepFileRefusals : public testing::TestWithParam<Refusal> {};

TEST_P(SweepFileRefusals, NamesThePlaceAndThePath) {
  const absl::Status status = Parse(GetParam().text).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, SweepFileRefusals,
    testing::Values(
        Refusal{"NoAxes", "", "axes: give at least one"},
        Refusal{"EmptyAxes", "axes: {}", "axes: give at least one"},
        Refusal{"UnknownPath", "axes:\n  meta_optimizer.adam.ratee: {values: [1]}",
                "sweep.yaml:8: meta_optimizer.adam.ratee: unknown field; did you mean 'rate'?"},
        Refusal{"EmptyAxis", "axes:\n  training.seed: {values: []}",
                "sweep.yaml:8: axes.training.seed.values: give at least one value"},
        Refusal{
            "UnknownKind", "axes:\n  training.seed: {choices: [1]}",
            "sweep.yaml:8: axes.training.seed.choices: unknown kind of axis; give one of values"},
        Refusal{"NoKind", "axes:\n  training.seed: [1, 2]",
                "axes.training.seed: give one of values"},
        Refusal{"OneBound", "axes:\n  training.seed: {uniform: [1]}",
                "axes.training.seed.uniform: give two numbers, [LOW, HIGH]"},
        Refusal{"BoundsTurned", "axes:\n  training.seed: {uniform: [2, 1]}",
                "axes.training.seed.uniform: [2, 1] is not allowed; give LOW < HIGH"},
        Refusal{"BoundsAreNoNumbers", "axes:\n  training.seed: {uniform: [a, .nan]}",
                "axes.training.seed.uniform: give two numbers"},
        Refusal{"LogOfZero", "axes:\n  training.seed: {log_uniform: [0, 1]}",
                "axes.training.seed.log_uniform: [0, 1] is not allowed; give LOW > 0"},
        Refusal{"FractionalIntegers", "axes:\n  training.seed: {integers: [0, 1.5]}",
                "axes.training.seed.integers: [0, 1.5] is not allowed; give whole numbers"},
        Refusal{"GridOfARange", "axes:\n  training.seed: {uniform: [0, 1]}",
                "sweep.yaml:8: axes.training.seed: a grid takes `values` or `integers`"},
        Refusal{"TooManyTrials", "axes:\n  training.seed: {integers: [1, 513]}",
                "axes: the grid has more than 512 trials"},
        Refusal{"WrongValue", "axes:\n  training.seed: {values: [one]}",
                "sweep.yaml:8: training.seed: 'one' is not allowed"},
        Refusal{"UnknownSearch", "axes: {training.seed: {values: [1]}}\nsearch: bayes",
                "sweep.yaml:8: search: give `grid` or {random: {trials: NUMBER}}"},
        Refusal{"NoTrials", "axes: {training.seed: {values: [1]}}\nsearch: {random: {trials: 0}}",
                "search.random.trials: give a number from 1 to 512"},
        Refusal{"GivenTrials", "axes: {training.seed: {values: [1]}}\ntrials: []",
                "sweep.yaml:8: trials: give `axes` and `search`"},
        Refusal{"UnknownField", "axes: {training.seed: {values: [1]}}\nhalvng: {first_steps: 1}",
                "sweep.yaml:8: halvng: unknown field; did you mean 'halving'?"}),
    [](const auto& info) { return info.param.what; });

TEST(SweepFileTest, RefusesASweepWithoutAJob) {
  const absl::Status status =
      ParseSweep("name: a\naxes: {x: {values: [1]}}", "s.yaml", {}).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("job: give a job as in a job file"));
}

}  // namespace
}  // namespace outerloop::client
