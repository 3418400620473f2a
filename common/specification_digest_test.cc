#include "common/specification_digest.h"

#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

constexpr char kSpec[] = R"pb(
  name: "a-job"
  dataset {
    name: "omniglot"
    split { random { seed: 1 train: 10 } }
  }
  episode { classification { ways: 5 shots: 1 queries: 1 } }
  model { conv4 { filters: 64 } }
  algorithm { maml { inner_steps: 1 inner_rate: 0.4 order: SECOND } }
  meta_optimizer { adam { rate: 0.001 beta1: 0.9 beta2: 0.999 epsilon: 1e-8 } }
  training { steps: 100 tasks_per_step: 32 tasks_per_shard: 4 seed: 0 fixed_point_bits: 40 }
)pb";
const std::string kDataset(64, 'd');

v1::JobSpec SpecWith(const std::string& changes) {
  v1::JobSpec spec, change;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kSpec, &spec));
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(changes, &change));
  spec.MergeFrom(change);
  return spec;
}

std::string DigestWith(const std::string& changes) {
  return SpecificationDigest(SpecWith(changes), kDataset);
}

// sha256sum of what `protoc --encode` makes of kSpec without its name, and 64 times "d". A change
// here means that checkpoints of older jobs no longer fit their specification.
TEST(SpecificationDigestTest, IsWhatItWas) {
  EXPECT_EQ(DigestWith(""), "26a11182e177dd4a9a3d9ac0092b3463f65ae6029cd82f3e4f18fe4b0b0ed700");
}

TEST(SpecificationDigestTest, DependsOnEverythingThatTheParametersDependOn) {
  for (const char* change :
       {"dataset { name: 'b' }", "dataset { split { random { seed: 2 } } }",
        "episode { classification { queries: 2 } }", "model { conv4 { filters: 32 } }",
        "algorithm { maml { order: FIRST } }", "meta_optimizer { adam { beta1: 0.8 } }",
        "training { seed: 1 }", "training { on_non_finite: SKIP_STEP }",
        "training { product_precision: TF32 }", "start_from { step: 0 }",
        "start_from { step: 0 checkpoint_sha256: 'c' }",
        "start_from { step: 7 checkpoint_sha256: 'c' }"}) {
    EXPECT_NE(DigestWith(change), DigestWith("")) << change;
  }
  EXPECT_NE(SpecificationDigest(SpecWith(""), ""), DigestWith(""));
}

// The same checkpoint under another job's id is the same start.
TEST(SpecificationDigestTest, DependsOnTheCheckpointAJobStartsFromButNotOnWhoseItIs) {
  EXPECT_EQ(DigestWith("start_from { job: 'a' step: 7 checkpoint_sha256: 'c' }"),
            DigestWith("start_from { job: 'b' step: 7 checkpoint_sha256: 'c' }"));
  EXPECT_NE(DigestWith("start_from { step: 7 checkpoint_sha256: 'c' }"),
            DigestWith("start_from { step: 8 checkpoint_sha256: 'c' }"));
}

TEST(SpecificationDigestTest, IsThatOfTheTimeBeforeForTheDefaultOfAFieldThatCameLater) {
  EXPECT_EQ(DigestWith("training { on_non_finite: FAIL }"), DigestWith(""));
  EXPECT_EQ(DigestWith("training { product_precision: FLOAT32 }"), DigestWith(""));
}

TEST(SpecificationDigestTest, DependsOnNothingElse) {
  EXPECT_EQ(DigestWith(R"pb(
              name: "b"
              evaluations { tasks: 7 }
              checkpoints { every_steps: 1 keep_last: 2 digest_every_steps: 3 }
              workers { min: 2 reducer: GLOO mixed_numerics: true }
              published { value: 1 }
              queue { owner: "anna" priority: 3 }
            )pb"),
            DigestWith(""));
}

}  // namespace
}  // namespace outerloop
