#include "client/yaml_merge.h"

#include <string>

#include "client/yaml_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::client {
namespace {

using ::testing::HasSubstr;

constexpr char kBase[] = R"(
name: base
algorithm: {maml: {inner_steps: 1, inner_rate: 0.4}}
training: {steps: 5, tasksPerStep: 2}
evaluations: [{tasks: 10}, {tasks: 20}]
checkpoints: {every_steps: 7}
)";

absl::StatusOr<v1::JobSpec> Merged(const std::string& changes) {
  YamlNode tree = ParseYaml(kBase, "base").value();
  MergeYaml(*v1::JobSpec::descriptor(), ParseYaml(changes, "changes").value(), tree);
  v1::JobSpec spec;
  const absl::Status status = YamlToMessage(tree, spec);
  if (!status.ok()) return status;
  return spec;
}

TEST(YamlMergeTest, ChangesFieldsOfMessagesOneByOne) {
  const auto spec = Merged("name: new\ntraining: {tasks_per_step: 9, seed: 3}");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->name(), "new");
  EXPECT_EQ(spec->training().steps(), 5u);
  EXPECT_EQ(spec->training().tasks_per_step(), 9u);
  EXPECT_EQ(spec->training().seed(), 3u);
  EXPECT_EQ(spec->checkpoints().every_steps(), 7u);
}

TEST(YamlMergeTest, ReplacesWholeLists) {
  const auto spec = Merged("evaluations: [{tasks: 30}]");
  ASSERT_TRUE(spec.ok()) << spec.status();
  ASSERT_EQ(spec->evaluations_size(), 1);
  EXPECT_EQ(spec->evaluations(0).tasks(), 30u);
}

TEST(YamlMergeTest, ReplacesTheOtherMembersOfAOneof) {
  const auto spec = Merged("algorithm: {anil: {inner_rate: 0.1}}");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_TRUE(spec->algorithm().has_anil());
  EXPECT_FALSE(spec->algorithm().anil().has_inner_steps());
}

TEST(YamlMergeTest, LeavesOutWhatHasNoValue) {
  const auto spec = Merged("checkpoints:\nevaluations:");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_FALSE(spec->has_checkpoints());
  EXPECT_EQ(spec->evaluations_size(), 0);
}

TEST(YamlMergeTest, ChangesNothingWithoutContent) {
  const auto spec = Merged("");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->name(), "base");
}

TEST(YamlMergeTest, SaysWhereAMistakeWasWritten) {
  EXPECT_THAT(Merged("\ntraining: {stepz: 3}").status().message(), HasSubstr("changes:2"));
  EXPECT_THAT(Merged("training: many").status().message(), HasSubstr("changes:1"));
  EXPECT_THAT(Merged("[1]").status().message(), HasSubstr("changes:1"));
}

}  // namespace
}  // namespace outerloop::client
