#include "client/report/episode_section.h"

#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "client/testing/well_formed.h"
#include "data/png_decoder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string SectionOf(const std::vector<v1::EpisodeSample>& samples) {
  v1::Evaluation evaluation;
  evaluation.mutable_spec()->set_split(v1::TEST);
  evaluation.mutable_spec()->set_ways(2);
  evaluation.mutable_spec()->set_shots(1);
  const std::string section = EpisodeSection(evaluation, samples);
  EXPECT_EQ(WellFormednessError(section), "");
  return section;
}

// Two classes of images of 2 x 2, with one example and two queries each. Of class A, the second is
// taken for B.
v1::EpisodeSample Classified() {
  v1::EpisodeSample sample;
  sample.set_mode(v1::INDUCTIVE);
  sample.set_inner_steps(3);
  sample.set_metric("accuracy");
  sample.set_score(0.75f);
  v1::ClassificationSample& images = *sample.mutable_classification();
  images.set_height(2);
  images.set_width(2);
  images.set_channels(1);
  for (const uint32_t way : {0, 1}) {
    v1::SampledClass& its_class = *images.add_classes();
    its_class.set_name(way == 0 ? "cat & <dog>" : "bird");
    its_class.set_rotation(way);
    its_class.add_support(std::string({'\x00', '\x40', '\x7f', '\x20'}));
    for (const uint32_t predicted : {way, 1u}) {
      v1::SampledQuery& query = *its_class.add_queries();
      query.set_image(std::string(4, '\x10'));
      query.set_predicted(predicted);
    }
  }
  return sample;
}

TEST(EpisodeSectionTest, SaysOfEachQueryWhatItIsAndWhatItWasTakenFor) {
  const std::string section = SectionOf({Classified()});
  EXPECT_THAT(
      section,
      AllOf(HasSubstr("2-way 1-shot tasks of the test split, inductive, after 3 inner steps."),
            HasSubstr("accuracy 75.00 %")));
  EXPECT_EQ(Count(section, "<img "), 6u);
  EXPECT_EQ(Count(section, "<figure class=\"right\">"), 3u);
  EXPECT_EQ(Count(section, "<figure class=\"wrong\">"), 1u);
  EXPECT_THAT(section, HasSubstr("<figcaption>✗ B</figcaption>"));
  EXPECT_THAT(section, HasSubstr("alt=\"a query of class A, cat &amp; &lt;dog&gt;, taken for class "
                                 "B\""));
  EXPECT_THAT(section, HasSubstr("alt=\"a query of class B, bird, turned by 90°, recognised\""));
}

TEST(EpisodeSectionTest, HoldsItsImagesAsPngFilesPixelByPixel) {
  const std::string section = SectionOf({Classified()});
  const std::string begin = "src=\"data:image/png;base64,";
  EXPECT_EQ(Count(section, "src="), Count(section, begin));
  const size_t at = section.find(begin) + begin.size();
  std::string png;
  ASSERT_TRUE(absl::Base64Unescape(section.substr(at, section.find('"', at) - at), &png));
  const auto image = data::DecodePngFile({reinterpret_cast<const uint8_t*>(png.data()), png.size()},
                                         data::DecodeOptions());
  ASSERT_TRUE(image.ok()) << image.status();
  ASSERT_EQ(image->height, 2u);
  ASSERT_EQ(image->width, 2u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(image->pixels[i * image->channels], (std::vector<int>{0, 0x40, 0x7f, 0x20})[i]);
  }
}

TEST(EpisodeSectionTest, SaysThatNotAllClassesAreShown) {
  v1::EpisodeSample sample = Classified();
  sample.mutable_classification()->add_classes()->set_name("unseen");
  sample.mutable_classification()->mutable_classes(0)->mutable_queries(0)->set_predicted(27);
  const std::string section = SectionOf({sample});
  EXPECT_THAT(section, HasSubstr("2 of 3 classes are shown"));
  EXPECT_THAT(section, HasSubstr("✗ 28"));
}

TEST(EpisodeSectionTest, LeavesOutImagesThatAreNone) {
  v1::EpisodeSample sample = Classified();
  sample.mutable_classification()->set_height(3);
  EXPECT_THAT(SectionOf({sample}), Not(HasSubstr("<img")));
  sample.mutable_classification()->set_height(0);
  sample.mutable_classification()->mutable_classes(0)->mutable_support(0)->clear();
  EXPECT_THAT(SectionOf({sample}), Not(HasSubstr("<img")));
}

v1::EpisodeSample Curve() {
  v1::EpisodeSample sample;
  sample.set_metric("mse");
  v1::RegressionSample& curve = *sample.mutable_regression();
  for (const float x : {2.f, 0.f, 1.f}) {
    curve.add_query_inputs(x);
    curve.add_query_targets(x * x);
    curve.add_predictions(x);
  }
  curve.add_support_inputs(0.5f);
  curve.add_support_targets(0.25f);
  return sample;
}

TEST(EpisodeSectionTest, DrawsTheCurveFromLeftToRightThroughAllPoints) {
  const std::string section = SectionOf({Curve()});
  EXPECT_EQ(Count(section, "class=\"given\""), 1u);
  EXPECT_EQ(Count(section, "m-3,-3"), 3u);
  EXPECT_THAT(section, Not(HasSubstr("class=\"band\"")));
  const size_t line = section.find("class=\"truth\" points=\"") + 22;
  double x = 0, last = -1;
  int points = 0;
  for (const char* at = &section[line]; sscanf(at, "%lf,%*f", &x) == 1; ++points) {
    EXPECT_GT(x, last);
    last = x;
    at = strchr(at, ' ') + 1;
  }
  EXPECT_EQ(points, 4);
}

TEST(EpisodeSectionTest, DrawsABandWhereThereAreDeviations) {
  v1::EpisodeSample sample = Curve();
  for (int i = 0; i < 3; ++i) sample.mutable_regression()->add_deviations(0.5f);
  EXPECT_THAT(SectionOf({sample}), HasSubstr("class=\"band\""));
}

TEST(EpisodeSectionTest, DrawsNoPointsThatAreNotNumbers) {
  v1::EpisodeSample sample = Curve();
  sample.mutable_regression()->set_predictions(0, std::numeric_limits<float>::quiet_NaN());
  sample.mutable_regression()->set_predictions(1, std::numeric_limits<float>::infinity());
  const std::string section = SectionOf({sample});
  EXPECT_EQ(Count(section, "m-3,-3"), 1u);
  EXPECT_THAT(section, Not(HasSubstr("nan")));
  EXPECT_THAT(section, Not(HasSubstr("inf,")));
}

TEST(EpisodeSectionTest, ShowsWhatWasGivenOfAnImageAndWhatWasMadeOfIt) {
  v1::EpisodeSample sample;
  sample.set_metric("log_likelihood");
  v1::ImageCompletionSample& image = *sample.mutable_image_completion();
  image.set_height(2);
  image.set_width(1);
  image.set_channels(1);
  image.set_image("ab");
  image.add_support(0);
  for (const uint32_t pixel : {1u, 4'000'000'000u}) image.add_query(pixel);
  image.set_predictions("c");
  const std::string section = SectionOf({sample});
  EXPECT_THAT(section, HasSubstr("Grey pixels"));
  for (const char* name : {"given", "completed", "true"}) {
    EXPECT_THAT(section, HasSubstr(std::string("<figcaption>") + name));
  }
  EXPECT_EQ(Count(section, "<img "), 3u);
}

TEST(EpisodeSectionTest, IsLeftOutWithoutSamples) { EXPECT_EQ(SectionOf({}), ""); }

}  // namespace
}  // namespace outerloop::client
