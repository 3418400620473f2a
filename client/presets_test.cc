#include "client/presets.h"

#include <string>

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

TEST(PresetsTest, SuggestsTheNearestName) {
  EXPECT_TRUE(FindPreset("maml-sinusoid").ok());
  const absl::Status status = FindPreset("maml-sinus").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(status.message()), "no preset 'maml-sinus'; did you mean 'maml-sinusoid'?");
}

}  // namespace
}  // namespace outerloop::client
