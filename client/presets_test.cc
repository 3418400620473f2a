#include "client/presets.h"

#include <string>
#include <vector>

#include "client/job_file.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

TEST(PresetsTest, AreJobFilesNamedAfterThemselves) {
  ASSERT_GE(Presets().size(), 2u);
  for (const Preset& preset : Presets()) {
    const auto spec = ParseJobSpec(std::string(preset.text), std::string(preset.name), {});
    ASSERT_TRUE(spec.ok()) << spec.status();
    EXPECT_EQ(spec->name(), preset.name);
    EXPECT_GT(spec->published_size(), 0);
    EXPECT_FALSE(preset.summary().empty());
    EXPECT_EQ(preset.text[0], '#');
  }
}

TEST(PresetsTest, AreExtendedByJobFiles) {
  const std::vector<std::string> overrides = {"training.seed=4"};
  const auto spec = ParseJobSpec("extends: maml-sinusoid\nname: mine\ntraining: {steps: 3}\n",
                                 "job.yaml", overrides);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->name(), "mine");
  EXPECT_EQ(spec->training().steps(), 3u);
  EXPECT_EQ(spec->training().seed(), 4u);
  EXPECT_EQ(spec->training().tasks_per_step(), 25u);
  EXPECT_TRUE(spec->episode().has_sinusoid());
}

TEST(PresetsTest, SayWhereAPresetIsUnknown) {
  const absl::Status status =
      ParseJobSpec("name: mine\nextends: maml-sinus\n", "job.yaml", {}).status();
  EXPECT_EQ(std::string(status.message()),
            "job.yaml:2: extends: no preset 'maml-sinus'; did you mean 'maml-sinusoid'?");
}

TEST(PresetsTest, SuggestsTheNearestName) {
  EXPECT_TRUE(FindPreset("maml-sinusoid").ok());
  const absl::Status status = FindPreset("maml-sinus").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(status.message()), "no preset 'maml-sinus'; did you mean 'maml-sinusoid'?");
}

}  // namespace
}  // namespace outerloop::client
