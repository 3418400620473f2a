#include "client/yaml_override.h"

#include <string>
#include <vector>

#include "client/job_file.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

constexpr char kJob[] = R"(
model:
  conv4: {filters: 8}
training: &training {steps: 5, tasksPerStep: 2}
evaluations:
  - {tasks: 10}
)";

absl::StatusOr<v1::JobSpec> ParseWith(const std::vector<std::string>& overrides) {
  return ParseJobSpec(kJob, "job.yaml", overrides);
}

TEST(YamlOverrideTest, ChangesAndAddsFields) {
  const auto spec = ParseWith({"training.steps=7", "checkpoints.every_steps=3", "name=new"});
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->training().steps(), 7u);
  EXPECT_EQ(spec->training().tasks_per_step(), 2u);
  EXPECT_EQ(spec->checkpoints().every_steps(), 3u);
  EXPECT_EQ(spec->name(), "new");
}

TEST(YamlOverrideTest, FindsAFieldUnderItsOtherName) {
  const auto spec = ParseWith({"training.tasks_per_step=9"});
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->training().tasks_per_step(), 9u);
}

TEST(YamlOverrideTest, ChangesAndAppendsItemsOfLists) {
  const auto spec = ParseWith({"evaluations[0].tasks=20", "evaluations[1].split=train",
                               "evaluations[1].inner_steps[0]=4", "evaluations[2]={tasks: 3}"});
  ASSERT_TRUE(spec.ok()) << spec.status();
  ASSERT_EQ(spec->evaluations_size(), 3);
  EXPECT_EQ(spec->evaluations(0).tasks(), 20u);
  EXPECT_EQ(spec->evaluations(1).split(), v1::TRAIN);
  EXPECT_EQ(spec->evaluations(1).inner_steps(0), 4u);
  EXPECT_EQ(spec->evaluations(2).tasks(), 3u);
}

TEST(YamlOverrideTest, ReplacesTheOtherMemberOfAOneof) {
  for (const char* assignment : {"model.mlp={hidden: [8, 8]}", "model.mlp.hidden=[8, 8]"}) {
    const auto spec = ParseWith({assignment});
    ASSERT_TRUE(spec.ok()) << spec.status();
    EXPECT_EQ(spec->model().mlp().hidden_size(), 2);
  }
}

TEST(YamlOverrideTest, RemovesAFieldGivenNothing) {
  const auto spec = ParseWith({"model.conv4.filters=", "evaluations="});
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_TRUE(spec->model().has_conv4());
  EXPECT_FALSE(spec->model().conv4().has_filters());
  EXPECT_EQ(spec->evaluations_size(), 0);
}

TEST(YamlOverrideTest, TakesTheLastOfTwo) {
  const auto spec = ParseWith({"name=a", "name=b"});
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->name(), "b");
}

TEST(YamlOverrideTest, ChangesOneUseOfAnAliasOnly) {
  const std::vector<std::string> overrides = {"evaluations[0].tasks=1"};
  const auto spec = ParseJobSpec("evaluations: [&e {tasks: 5}, *e]\n", "job.yaml", overrides);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->evaluations(0).tasks(), 1u);
  EXPECT_EQ(spec->evaluations(1).tasks(), 5u);
}

TEST(YamlOverrideTest, FillsAnEmptyFile) {
  const std::vector<std::string> overrides = {"name=a"};
  const auto spec = ParseJobSpec("", "job.yaml", overrides);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->name(), "a");
}

struct BadOverride {
  const char* assignment;
  const char* error;
};

class YamlOverrideErrorTest : public testing::TestWithParam<BadOverride> {};

TEST_P(YamlOverrideErrorTest, NamesTheOverrideAndThePath) {
  const auto spec = ParseWith({GetParam().assignment});
  EXPECT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(spec.status().message()), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    All, YamlOverrideErrorTest,
    testing::Values(
        BadOverride{"steps", "--set steps: must be PATH=VALUE, e.g. training.steps=100"},
        BadOverride{"=3", "--set =3: must be PATH=VALUE, e.g. training.steps=100"},
        BadOverride{"trainig.steps=3",
                    "--set trainig.steps=3: trainig: unknown field; did you mean 'training'?"},
        BadOverride{"training.step=3",
                    "--set training.step=3: training.step: unknown field; did you mean 'steps'?"},
        BadOverride{"training.steps=x",
                    "--set training.steps=x: training.steps: 'x' is not allowed; a whole number "
                    "from 0 to 18446744073709551615"},
        BadOverride{"training.steps.more=1",
                    "--set training.steps.more=1: training.steps: has no fields of its own"},
        BadOverride{"training[0]=1", "--set training[0]=1: training[0]: is not a list"},
        BadOverride{"evaluations.tasks=1",
                    "--set evaluations.tasks=1: evaluations: is a list; say which item, e.g. "
                    "evaluations[0]"},
        BadOverride{
            "evaluations[2].tasks=1",
            "--set evaluations[2].tasks=1: evaluations[2]: the list has 1 items; allowed: 0 to 1"},
        BadOverride{"evaluations[x].tasks=1",
                    "--set evaluations[x].tasks=1: 'evaluations[x]' is no item of a list; write "
                    "e.g. evaluations[0]"},
        BadOverride{"evaluations[-1].tasks=1",
                    "--set evaluations[-1].tasks=1: 'evaluations[-1]' is no item of a list; write "
                    "e.g. evaluations[0]"},
        BadOverride{"evaluations[0.tasks=1",
                    "--set evaluations[0.tasks=1: 'evaluations[0' is no item of a list; write e.g. "
                    "evaluations[0]"},
        BadOverride{"training..steps=1",
                    "--set training..steps=1: training.: unknown field; known: steps, "
                    "tasks_per_step, tasks_per_shard, seed, fixed_point_bits, on_non_finite, "
                    "product_precision"},
        BadOverride{"model={mlp: {}, conv4: {}}",
                    "--set model={mlp: {}, conv4: {}}: model.conv4: only one of 'mlp' and 'conv4' "
                    "may be given"}));

}  // namespace
}  // namespace outerloop::client
