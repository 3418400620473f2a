#include "client/yaml_message.h"

#include <string>

#include "client/yaml_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::client {
namespace {

absl::StatusOr<v1::JobSpec> Parse(const std::string& text) {
  const auto tree = ParseYaml(text, "job.yaml");
  if (!tree.ok()) return tree.status();
  v1::JobSpec spec;
  const absl::Status status = YamlToMessage(*tree, spec);
  if (!status.ok()) return status;
  return spec;
}

TEST(YamlMessageTest, ReadsEveryKindOfField) {
  const auto spec = Parse(R"(
name: 123
episode: {classification: {ways: 5, shots: "1", rotations: true}}
model: {mlp: {hidden: [40, 20]}}
algorithm: {maml: {inner_rate: 1e-2, order: first}}
training: {steps: 18446744073709551615}
evaluations:
  - split: validation
    inner_steps: [0, 3]
  - {}
)");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->name(), "123");
  EXPECT_EQ(spec->episode().classification().ways(), 5u);
  EXPECT_EQ(spec->episode().classification().shots(), 1u);
  EXPECT_TRUE(spec->episode().classification().rotations());
  EXPECT_EQ(spec->model().mlp().hidden(1), 20u);
  EXPECT_EQ(spec->algorithm().maml().inner_rate(), 0.01);
  EXPECT_EQ(spec->algorithm().maml().order(), v1::Maml::FIRST);
  EXPECT_EQ(spec->training().steps(), 18446744073709551615u);
  EXPECT_EQ(spec->evaluations(0).split(), v1::VALIDATION);
  EXPECT_EQ(spec->evaluations_size(), 2);
}

TEST(YamlMessageTest, TakesLowerCamelNames) {
  const auto spec = Parse("training: {tasksPerStep: 3}\nmetaOptimizer: {sgd: {rate: 1}}\n");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->training().tasks_per_step(), 3u);
  EXPECT_EQ(spec->meta_optimizer().sgd().rate(), 1.0);
}

TEST(YamlMessageTest, TellsNotGivenFromZeroAndFromAnEmptyMessage) {
  const auto spec =
      Parse("model:\n  conv4:\ntraining: {seed: ~, tasks_per_shard: 0}\nevaluations:\n");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_TRUE(spec->model().has_conv4());
  EXPECT_FALSE(spec->training().has_seed());
  EXPECT_TRUE(spec->training().has_tasks_per_shard());
  EXPECT_EQ(spec->evaluations_size(), 0);
}

struct BadText {
  const char* text;
  const char* error;
};

class YamlMessageErrorTest : public testing::TestWithParam<BadText> {};

TEST_P(YamlMessageErrorTest, SaysWhereWhatAndWhatIsAllowed) {
  const auto spec = Parse(GetParam().text);
  EXPECT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(spec.status().message()), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    All, YamlMessageErrorTest,
    testing::Values(
        BadText{"", "job.yaml: is empty; allowed: the fields of a JobSpec"},
        BadText{"# nothing\n", "job.yaml: is empty; allowed: the fields of a JobSpec"},
        BadText{"- a\n", "job.yaml:1: is a list; allowed: a mapping of fields"},
        BadText{"text\n", "job.yaml:1: is a single value 'text'; allowed: a mapping of fields"},
        BadText{"name: a\ntrainning: {}\n",
                "job.yaml:2: trainning: unknown field; did you mean 'training'?"},
        BadText{
            "training:\n  steps: 1\n  tasks_per_shrad: 2\n",
            "job.yaml:3: training.tasks_per_shrad: unknown field; did you mean 'tasks_per_shard'?"},
        BadText{"episode: {zzz: 1}\n",
                "job.yaml:1: episode.zzz: unknown field; known: classification, sinusoid, "
                "gaussian_process, image_completion"},
        BadText{"training: {steps: many}\n",
                "job.yaml:1: training.steps: 'many' is not allowed; a whole number from 0 to "
                "18446744073709551615"},
        BadText{"training: {steps: -1}\n",
                "job.yaml:1: training.steps: '-1' is not allowed; a whole number from 0 to "
                "18446744073709551615"},
        BadText{"training: {tasks_per_step: 4294967296}\n",
                "job.yaml:1: training.tasks_per_step: '4294967296' is not allowed; a whole number "
                "from 0 to 4294967295"},
        BadText{"training: {steps: 1.5}\n",
                "job.yaml:1: training.steps: '1.5' is not allowed; a whole number from 0 to "
                "18446744073709551615"},
        BadText{"algorithm: {maml: {inner_rate: .inf}}\n",
                "job.yaml:1: algorithm.maml.inner_rate: '.inf' is not allowed; a finite number, "
                "e.g. 0.01 or 1e-8"},
        BadText{"algorithm: {maml: {inner_rate: nan}}\n",
                "job.yaml:1: algorithm.maml.inner_rate: 'nan' is not allowed; a finite number, "
                "e.g. 0.01 or 1e-8"},
        BadText{"algorithm:\n  maml:\n    order: SECND\n",
                "job.yaml:3: algorithm.maml.order: 'SECND' is not allowed; one of SECOND, FIRST; "
                "did you mean 'SECOND'?"},
        BadText{"evaluations: [{split: SPLIT_UNSPECIFIED}]\n",
                "job.yaml:1: evaluations[0].split: 'SPLIT_UNSPECIFIED' is not allowed; one of "
                "TRAIN, VALIDATION, TEST"},
        BadText{
            "episode: {classification: {rotations: yes}}\n",
            "job.yaml:1: episode.classification.rotations: 'yes' is not allowed; true or false"},
        BadText{"name: [a]\n", "job.yaml:1: name: is a list; allowed: a single value"},
        BadText{"training:\n- 1\n",
                "job.yaml:1: training: is a list; allowed: a mapping of fields"},
        BadText{"model: {mlp: {hidden: 40}}\n",
                "job.yaml:1: model.mlp.hidden: is a single value '40'; allowed: a list"},
        BadText{"model:\n  mlp:\n    hidden:\n      - 40\n      - x\n",
                "job.yaml:5: model.mlp.hidden[1]: 'x' is not allowed; a whole number from 0 to "
                "4294967295"},
        BadText{"model: {mlp: {hidden: [1, ~]}}\n",
                "job.yaml:1: model.mlp.hidden[1]: is nothing; allowed: a single value"},
        BadText{"name: a\nname: b\n", "job.yaml:2: name: stands twice; the first is at job.yaml:1"},
        BadText{"training:\n  tasks_per_step: 1\n  tasksPerStep: 2\n",
                "job.yaml:3: training.tasks_per_step: stands twice; the first is at job.yaml:2"},
        BadText{"model:\n  conv4: {}\n  mlp: {}\n",
                "job.yaml:3: model.mlp: only one of 'conv4' and 'mlp' may be given"}));

}  // namespace
}  // namespace outerloop::client
