#include "client/message_yaml.h"

#include "client/job_file.h"
#include "client/presets.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::google::protobuf::util::MessageDifferencer;

TEST(MessageYamlTest, WritesBlocksAndShortLists) {
  v1::JobSpec spec;
  spec.set_name("maml-1");
  spec.mutable_model()->mutable_mlp()->add_hidden(40);
  spec.mutable_model()->mutable_mlp()->add_hidden(20);
  spec.mutable_meta_optimizer()->mutable_adam()->set_epsilon(1e-8);
  spec.add_evaluations()->set_split(v1::TEST);
  EXPECT_EQ(MessageToYaml(spec),
            "name: maml-1\n"
            "model:\n"
            "  mlp:\n"
            "    hidden: [40, 20]\n"
            "meta_optimizer:\n"
            "  adam:\n"
            "    epsilon: 1e-08\n"
            "evaluations:\n"
            "  - split: TEST\n");
}

TEST(MessageYamlTest, IsReadBackAsTheSameMessage) {
  for (const Preset& preset : Presets()) {
    const auto spec = ParseJobSpec(std::string(preset.text), "preset", {});
    ASSERT_TRUE(spec.ok()) << spec.status();
    const auto again = ParseJobSpec(MessageToYaml(*spec), "written", {});
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(MessageDifferencer::Equals(*spec, *again)) << MessageToYaml(*spec);
  }
}

TEST(MessageYamlTest, QuotesWhatWouldReadAsSomethingElse) {
  for (const char* text : {"true", "12", "", "~", "a: b", "# x", "- x", "\"q\"", "two\nlines"}) {
    v1::JobSpec spec;
    spec.mutable_dataset()->mutable_split()->mutable_by_origin()->add_train(text);
    const auto again = ParseJobSpec(MessageToYaml(spec), "written", {});
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->dataset().split().by_origin().train(0), text);
  }
}

}  // namespace
}  // namespace outerloop::client
