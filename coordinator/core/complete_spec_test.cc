#include "coordinator/core/complete_spec.h"

#include <cmath>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "coordinator/core/test_specs.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "outerloop/v1/field_rules.pb.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;

MATCHER_P(EqualsMessage, expected, "") {
  return google::protobuf::util::MessageDifferencer::Equals(arg, expected);
}

TEST(CompleteSpecTest, FillsInTheDefaultsOfAClassification) {
  const auto spec = CompleteSpec(Merge(kClassification, "evaluations {}"));
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_THAT(*spec, EqualsMessage(Parse(R"pb(
    name: "a-job"
    dataset {
      name: "omniglot"
      split { random { train: 10 } }
    }
    episode { classification { ways: 5 shots: 1 queries: 1 } }
    model { conv4 { filters: 64 pooling: STRIDED initial_weights: HE } }
    algorithm { maml { inner_steps: 1 inner_rate: 0.4 order: SECOND } }
    meta_optimizer { adam { rate: 0.001 beta1: 0.9 beta2: 0.999 epsilon: 1e-8 } }
    training {
      steps: 100
      tasks_per_step: 32
      tasks_per_shard: 4
      seed: 0
      fixed_point_bits: 40
      on_non_finite: FAIL
      product_precision: FLOAT32
    }
    evaluations { split: TEST tasks: 1000 inner_steps: 1 queries: 1 ways: 5 shots: 1 seed: 0 }
    checkpoints { every_steps: 500 digest_every_steps: 1 }
    workers { min: 1 reducer: AUTO }
  )pb")));
}

TEST(CompleteSpecTest, FillsInTheDefaultsOfASinusoid) {
  const auto spec = CompleteSpec(Parse(kSinusoid));
  ASSERT_TRUE(spec.ok()) << spec.status();
  v1::JobSpec expected = Parse(R"pb(
    name: "a-job"
    dataset { name: "sinusoid" }
    episode {
      sinusoid {
        shots: 10
        queries: 10
        amplitude_min: 0.1
        amplitude_max: 5
        phase_min: 0
        input_min: -5
        input_max: 5
      }
    }
    model { mlp { hidden: 40 } }
    algorithm { maml { inner_steps: 1 inner_rate: 0.01 order: SECOND } }
    meta_optimizer { sgd { rate: 0.1 } }
    training {
      steps: 100
      tasks_per_step: 3
      tasks_per_shard: 3
      seed: 0
      fixed_point_bits: 40
      on_non_finite: FAIL
      product_precision: FLOAT32
    }
    checkpoints { every_steps: 500 digest_every_steps: 1 }
    workers { min: 1 reducer: AUTO }
  )pb");
  expected.mutable_episode()->mutable_sinusoid()->set_phase_max(M_PI);
  EXPECT_THAT(*spec, EqualsMessage(expected));
}

TEST(CompleteSpecTest, FillsInTheDefaultsOfAGaussianProcess) {
  const auto spec = CompleteSpec(Parse(kGaussianProcess));
  ASSERT_TRUE(spec.ok()) << spec.status();
  const v1::GaussianProcess& episode = spec->episode().gaussian_process();
  EXPECT_EQ(episode.queries(), 10);
  EXPECT_EQ(episode.max_shots(), 10);
  EXPECT_EQ(episode.length_scale_max(), 0.6);
  EXPECT_EQ(episode.input_min(), -2);
  EXPECT_EQ(episode.noise(), 0.02);
  EXPECT_EQ(spec->algorithm().cnp().representation(), 128);
}

TEST(CompleteSpecTest, FillsInTheDefaultsOfAnImageCompletion) {
  const auto spec = CompleteSpec(Merge(kImageCompletion, "evaluations {}"));
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->episode().image_completion().ShortDebugString(),
            "shots: 10 queries: 10 max_shots: 10");
  EXPECT_EQ(spec->evaluations(0).ShortDebugString(),
            "split: TEST tasks: 1000 inner_steps: 0 queries: 10 shots: 10 seed: 0");
}

TEST(CompleteSpecTest, FillsInTheDefaultsOfAlgorithmsWithAnInnerLoop) {
  const auto complete = [](const std::string& algorithm) {
    const auto spec = CompleteSpec(Merge(kClassification, "algorithm {" + algorithm + "}"));
    EXPECT_TRUE(spec.ok()) << spec.status();
    return spec->algorithm();
  };
  EXPECT_THAT(complete("reptile { inner_rate: 0.1 }").reptile().ShortDebugString(),
              "inner_steps: 5 inner_rate: 0.1 inner_optimizer: ADAM");
  EXPECT_EQ(complete("meta_sgd { initial_rate: 0.1 }").meta_sgd().inner_steps(), 1);
  EXPECT_EQ(complete("anil { inner_rate: 0.1 }").anil().inner_steps(), 1);
}

// Whether the rules of `type` and of the messages in it that name a field name one that is complete
// when they are looked at. `seen` holds the types looked at: layers hold layers.
void ExpectRulesNameEarlierFields(const google::protobuf::Descriptor& type,
                                  absl::flat_hash_set<std::string>& seen) {
  if (!seen.insert(type.full_name()).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *type.field(i);
    const v1::FieldRules& rules = field.options().GetExtension(v1::rules);
    for (const std::string& name : {rules.default_field(), rules.at_least()}) {
      if (name.empty()) continue;
      const auto* const named = type.FindFieldByName(name);
      ASSERT_NE(named, nullptr) << field.full_name();
      EXPECT_LT(named->index(), field.index()) << field.full_name();
      EXPECT_EQ(named->cpp_type(), field.cpp_type()) << field.full_name();
    }
    if (field.message_type() != nullptr) {
      ExpectRulesNameEarlierFields(*field.message_type(), seen);
    }
  }
}

TEST(CompleteSpecTest, HasRulesThatNameEarlierFields) {
  absl::flat_hash_set<std::string> seen;
  ExpectRulesNameEarlierFields(*v1::JobSpec::descriptor(), seen);
}

TEST(CompleteSpecTest, FillsInTheDefaultsOfLayersWithinLayers) {
  v1::JobSpec given = Parse(kClassification);
  *given.mutable_model() = Parse(R"pb(
                             model {
                               sequential {
                                 layers {
                                   residual {
                                     layers { convolution { filters: 8 } }
                                     shortcut { convolution { filters: 8 kernel_size: 1 } }
                                   }
                                 }
                               }
                             }
                           )pb")
                               .model();
  const auto spec = CompleteSpec(given);
  ASSERT_TRUE(spec.ok()) << spec.status();
  const v1::Residual& residual = spec->model().sequential().layers(0).residual();
  EXPECT_EQ(residual.layers(0).convolution().kernel_size(), 3);
  EXPECT_EQ(residual.layers(0).convolution().stride(), 1);
  EXPECT_EQ(residual.shortcut(0).convolution().kernel_size(), 1);
  EXPECT_EQ(residual.shortcut(0).convolution().stride(), 1);
}

TEST(CompleteSpecTest, FillsInTheFiltersOfResNet12) {
  const auto complete = [](const std::string& resnet12) {
    const auto spec = CompleteSpec(Merge(kClassification, "model { resnet12 {" + resnet12 + "} }"));
    EXPECT_TRUE(spec.ok()) << spec.status();
    return spec->model().resnet12().ShortDebugString();
  };
  EXPECT_EQ(complete(""), "filters: 64 filters: 160 filters: 320 filters: 640");
  EXPECT_EQ(complete("filters: [1, 2, 3, 4]"), "filters: 1 filters: 2 filters: 3 filters: 4");
}

TEST(CompleteSpecTest, TakesALossOfRegressionsThatNeedNotBeGiven) {
  const auto given = CompleteSpec(Merge(kSinusoid, "model { regression_loss: GAUSSIAN }"));
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->model().regression_loss(), v1::Model::GAUSSIAN);
  EXPECT_FALSE(CompleteSpec(Parse(kSinusoid))->model().has_regression_loss());
}

TEST(CompleteSpecTest, CompletingAgainChangesNothing) {
  for (const char* text : {kClassification, kSinusoid, kGaussianProcess, kImageCompletion}) {
    const auto once = CompleteSpec(Merge(text, "evaluations {} evaluations { tasks: 5 }"));
    ASSERT_TRUE(once.ok()) << once.status();
    const auto twice = CompleteSpec(*once);
    ASSERT_TRUE(twice.ok()) << twice.status();
    EXPECT_EQ(twice->SerializeAsString(), once->SerializeAsString());
  }
}

TEST(CompleteSpecTest, KeepsWhatIsGiven) {
  const v1::JobSpec given = Parse(R"pb(
    name: "b"
    dataset {
      name: "omniglot"
      split { by_origin { train: "images_background" test: "images_evaluation" } }
    }
    episode { classification { ways: 20 shots: 1 queries: 15 rotations: true } }
    model { mlp { hidden: 256 hidden: 128 } }
    algorithm { maml { inner_steps: 0 inner_rate: 0.1 order: FIRST recompute: true } }
    meta_optimizer { adam { rate: 0.1 beta1: 0 beta2: 0 epsilon: 1 } }
    training {
      steps: 1
      tasks_per_step: 1
      tasks_per_shard: 1
      seed: 9
      fixed_point_bits: 20
      on_non_finite: SKIP_STEP
      product_precision: TF32
    }
    evaluations {
      split: TRAIN
      tasks: 2
      inner_steps: 0
      inner_steps: 100
      queries: 1
      ways: 20
      shots: 3
      seed: 8
    }
    checkpoints { every_steps: 0 keep_last: 3 digest_every_steps: 10 }
    workers { min: 2 max: 2 reducer: GLOO mixed_numerics: true }
    start_from { job: "a-job" step: 0 checkpoint_sha256: "digest" }
    published { split: TEST mode: INDUCTIVE inner_steps: 5 value: 0.9 source: "Somebody 2020" }
  )pb");
  const auto spec = CompleteSpec(given);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_THAT(*spec, EqualsMessage(given));
}

TEST(CompleteSpecTest, AnEvaluationTakesItsDefaultsFromTheJob) {
  const auto spec = CompleteSpec(Merge(kClassification, R"pb(
    episode { classification { queries: 15 } }
    algorithm { maml { inner_steps: 7 } }
    evaluations { split: VALIDATION }
  )pb"));
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->evaluations(0).queries(), 15);
  EXPECT_THAT(spec->evaluations(0).inner_steps(), testing::ElementsAre(7));
}

TEST(CompleteSpecTest, AnOrderThatIsNotSpecifiedIsTheDefault) {
  const auto spec =
      CompleteSpec(Merge(kClassification, "algorithm { maml { order: ORDER_UNSPECIFIED } }"));
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->algorithm().maml().order(), v1::Maml::SECOND);
}

TEST(CompleteSpecTest, APolicyOrAReducerThatIsNotSpecifiedIsTheDefault) {
  const auto spec = CompleteSpec(Merge(kSinusoid, R"pb(
    training { on_non_finite: NON_FINITE_UNSPECIFIED }
    workers { reducer: REDUCER_UNSPECIFIED }
  )pb"));
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->training().on_non_finite(), v1::Training::FAIL);
  EXPECT_EQ(spec->workers().reducer(), v1::AUTO);
}

TEST(CompleteSpecTest, EvaluatesInOtherWaysWhereNoParameterDependsOnTheirNumber) {
  const auto spec = CompleteSpec(Merge(kClassification, R"pb(
    algorithm { prototypical {} }
    evaluations { ways: 20 }
    evaluations {}
  )pb"));
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->algorithm().prototypical().statistics(), v1::JOINT);
  EXPECT_EQ(spec->evaluations(0).ways(), 20);
  EXPECT_EQ(spec->evaluations(1).ways(), 5);
  EXPECT_THAT(spec->evaluations(0).inner_steps(), testing::ElementsAre(0));
}

TEST(CompleteEvaluationTest, NamesFieldsUnderThePathItIsGiven) {
  const v1::JobSpec job = CompleteSpec(Parse(kSinusoid)).value();
  v1::EvaluationSpec evaluation;
  ASSERT_TRUE(CompleteEvaluation(evaluation, job, "spec").ok());
  evaluation.set_tasks(1);
  EXPECT_THAT(CompleteEvaluation(evaluation, job, "spec").status().message(),
              HasSubstr("spec.tasks: 1 is not allowed"));
}

}  // namespace
}  // namespace outerloop::coordinator
