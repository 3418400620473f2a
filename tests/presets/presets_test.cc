// Every preset is a job that the coordinator takes.
#include <string>

#include "client/job_file.h"
#include "client/presets.h"
#include "coordinator/core/check_model.h"
#include "coordinator/core/complete_spec.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

// Channels, height and width of what the preset's data set has.
ExampleShape ExamplesOf(const v1::JobSpec& spec) {
  if (spec.dataset().name() == "omniglot") return {1, 28, 28};
  if (spec.dataset().name() == "mini-imagenet") return {3, 84, 84};
  return {1};  // A point of a curve.
}

class PresetTest : public testing::TestWithParam<client::Preset> {};

TEST_P(PresetTest, IsAJob) {
  const client::Preset& preset = GetParam();
  const auto given =
      client::ParseJobSpec(std::string(preset.text), std::string(preset.name), /*overrides=*/{});
  ASSERT_TRUE(given.ok()) << given.status();
  const auto spec = coordinator::CompleteSpec(*given);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_GT(spec->evaluations_size(), 0);
  const absl::Status fits = coordinator::CheckModel(spec->model(), ExamplesOf(*spec));
  EXPECT_TRUE(fits.ok()) << fits;
}

INSTANTIATE_TEST_SUITE_P(All, PresetTest, testing::ValuesIn(client::Presets()),
                         [](const auto& info) {
                           std::string name(info.param.name);
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace outerloop
