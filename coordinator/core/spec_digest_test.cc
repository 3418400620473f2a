#include "coordinator/core/spec_digest.h"

#include <string>

#include "coordinator/core/test_specs.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
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

std::string DigestWith(const std::string& changes) {
  return SpecDigest(Merge(kSpec, changes), kDataset);
}

// sha256sum of 64 times "d", a line feed, and what `protoc --encode` makes of kSpec without its
// name. A change here means that checkpoints of older jobs no longer fit their specification.
TEST(SpecDigestTest, IsWhatItWas) {
  EXPECT_EQ(DigestWith(""), "17d654d56c5c91676a56c7e5fdadda0d0178c958a725fade1eacd00e77e3b0b8");
}

TEST(SpecDigestTest, DependsOnEverythingThatTheParametersDependOn) {
  for (const char* change :
       {"dataset { name: 'b' }", "dataset { split { random { seed: 2 } } }",
        "episode { classification { queries: 2 } }", "model { conv4 { filters: 32 } }",
        "algorithm { maml { order: FIRST } }", "meta_optimizer { adam { beta1: 0.8 } }",
        "training { seed: 1 }"}) {
    EXPECT_NE(DigestWith(change), DigestWith("")) << change;
  }
  EXPECT_NE(SpecDigest(Parse(kSpec), ""), DigestWith(""));
}

TEST(SpecDigestTest, DependsOnNothingElse) {
  EXPECT_EQ(DigestWith(R"pb(
              name: "b"
              evaluations { tasks: 7 }
              checkpoints { every_steps: 1 }
              workers { min: 2 }
              published { value: 1 }
            )pb"),
            DigestWith(""));
}

}  // namespace
}  // namespace outerloop::coordinator
