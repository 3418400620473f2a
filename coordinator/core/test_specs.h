// Specifications for the tests of CompleteSpec.
#ifndef OUTERLOOP_COORDINATOR_CORE_TEST_SPECS_H_
#define OUTERLOOP_COORDINATOR_CORE_TEST_SPECS_H_

#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::coordinator {

// The least that makes a job, of some kinds.
inline constexpr char kClassification[] = R"pb(
  name: "a-job"
  dataset {
    name: "omniglot"
    split { random { train: 10 } }
  }
  episode { classification { ways: 5 shots: 1 } }
  model { conv4 {} }
  algorithm { maml { inner_rate: 0.4 } }
  meta_optimizer { adam {} }
  training { steps: 100 tasks_per_step: 32 }
)pb";
inline constexpr char kSinusoid[] = R"pb(
  name: "a-job"
  dataset { name: "sinusoid" }
  episode { sinusoid { shots: 10 } }
  model { mlp { hidden: 40 } }
  algorithm { maml { inner_rate: 0.01 } }
  meta_optimizer { sgd { rate: 0.1 } }
  training { steps: 100 tasks_per_step: 3 }
)pb";

inline constexpr char kGaussianProcess[] = R"pb(
  name: "a-job"
  dataset { name: "gaussian-process" }
  episode { gaussian_process { shots: 10 } }
  model { mlp { hidden: 128 } }
  algorithm { cnp {} }
  meta_optimizer { adam {} }
  training { steps: 100 tasks_per_step: 3 }
)pb";

inline constexpr char kImageCompletion[] = R"pb(
  name: "a-job"
  dataset {
    name: "omniglot"
    split { random { train: 10 } }
  }
  episode { image_completion { shots: 10 } }
  model { mlp { hidden: 128 } }
  algorithm { cnp {} }
  meta_optimizer { adam {} }
  training { steps: 100 tasks_per_step: 3 }
)pb";

inline v1::JobSpec Parse(const std::string& text) {
  v1::JobSpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &spec)) << text;
  return spec;
}

// `base` with `changes` merged into it: given fields replace those there, lists grow.
inline v1::JobSpec Merge(const std::string& base, const std::string& changes) {
  v1::JobSpec spec = Parse(base);
  spec.MergeFrom(Parse(changes));
  return spec;
}

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_TEST_SPECS_H_
