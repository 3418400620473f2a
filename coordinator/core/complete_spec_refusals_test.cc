#include "coordinator/core/complete_spec.h"

#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/core/test_specs.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;

// `changes` to a specification that is right, and the error that they lead to.
struct Refusal {
  const char* base;
  std::string changes;
  std::string error;
};

std::string Repeat(int times, const std::string& text) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text + "\n";
  return all;
}

void ExpectRefused(const v1::JobSpec& spec, const std::string& error) {
  const absl::Status status = CompleteSpec(spec).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << error;
  EXPECT_THAT(status.message(), HasSubstr(error));
}

void ExpectRefused(const std::vector<Refusal>& refusals) {
  for (const Refusal& refusal : refusals) {
    ExpectRefused(Merge(refusal.base, refusal.changes), refusal.error);
  }
}

// Each field that is required, taken away from a specification that is right.
TEST(CompleteSpecRefusalsTest, RefusesASpecificationWithoutARequiredField) {
  using Remove = std::function<void(v1::JobSpec&)>;
  const std::vector<std::pair<Remove, std::string>> cases = {
      {[](auto& s) { s.clear_name(); }, "name: nothing given; give 1 to 63 characters"},
      {[](auto& s) { s.clear_dataset(); }, "dataset.name: nothing given; give 1 to 63 characters"},
      {[](auto& s) { s.mutable_dataset()->clear_split(); },
       "dataset.split: nothing given; give one of random, by_origin"},
      {[](auto& s) { s.clear_episode(); },
       "episode: nothing given; give one of classification, sinusoid, gaussian_process, "
       "image_completion"},
      {[](auto& s) { s.clear_model(); }, "model: nothing given; give one of conv4, mlp"},
      {[](auto& s) { s.clear_algorithm(); }, "algorithm: nothing given; give one of maml"},
      {[](auto& s) { s.clear_meta_optimizer(); },
       "meta_optimizer: nothing given; give one of adam, sgd"},
      {[](auto& s) { s.clear_training(); },
       "training.steps: 0 is not allowed; give 1 to 1000000000"},
      {[](auto& s) { s.mutable_training()->clear_tasks_per_step(); },
       "training.tasks_per_step: 0 is not allowed; give 1 to 65536"},
      {[](auto& s) { s.mutable_algorithm()->mutable_maml()->clear_inner_rate(); },
       "algorithm.maml.inner_rate: 0 is not allowed; give a number above 0"},
      {[](auto& s) { s.mutable_model()->mutable_mlp(); },
       "model.mlp.hidden: nothing given; give a list of 1 to 16"},
      {[](auto& s) { s.mutable_meta_optimizer()->mutable_sgd(); },
       "meta_optimizer.sgd.rate: 0 is not allowed; give a number above 0"},
      {[](auto& s) { s.mutable_dataset()->mutable_split()->mutable_random()->clear_train(); },
       "dataset.split.random.train: 0 is not allowed; give at least 1 class"},
      {[](auto& s) { s.mutable_dataset()->mutable_split()->mutable_by_origin(); },
       "dataset.split.by_origin.train: nothing given; give at least one origin"},
  };
  for (const auto& [remove, error] : cases) {
    v1::JobSpec spec = Parse(kClassification);
    remove(spec);
    ExpectRefused(spec, error);
  }
}

TEST(CompleteSpecRefusalsTest, RefusesBadNames) {
  ExpectRefused({
      {kSinusoid, "name: 'My job'", "name: 'My job' is not allowed; give 1 to 63 characters of"},
      {kSinusoid, "name: 'a\\nb'", "name: 'a\\nb' is not allowed"},
      {kSinusoid, "name: '" + std::string(64, 'a') + "'", "is not allowed; give 1 to 63"},
      {kClassification, "dataset { name: '../x' }", "dataset.name: '../x' is not allowed"},
      {kClassification, "dataset { split { by_origin { train: ['a', ''] } } }",
       "dataset.split.by_origin.train[1]: '' is not allowed; give 1 to 255 bytes"},
      {kClassification,
       "dataset { split { by_origin { train: 'a' test: '" + std::string(256, 'o') + "' } } }",
       "dataset.split.by_origin.test[0]: 'ooo"},
      {kClassification,
       "dataset { split { by_origin { train: 'a'" + Repeat(1001, "validation: 'b'") + "} } }",
       "dataset.split.by_origin.validation: a list of 1001 is not allowed; give at most 1000"},
  });
}

TEST(CompleteSpecRefusalsTest, RefusesFieldsThatDoNotGoTogether) {
  ExpectRefused({
      {kClassification, "dataset { name: 'sinusoid' }",
       "dataset.name: 'sinusoid' is not allowed; give a data set with classes"},
      {kSinusoid, "dataset { name: 'omniglot' }",
       "dataset.name: 'omniglot' is not allowed; give sinusoid for episode.sinusoid"},
      {kSinusoid, "dataset { split { random { train: 1 } } }",
       "dataset.split: a split is not allowed; give none for sinusoid"},
      {kSinusoid, "model { conv4 {} }",
       "episode: sinusoid is not allowed; give classification with model.conv4, or another model"},
      {kSinusoid, "training { tasks_per_shard: 4 }",
       "training.tasks_per_shard: 4 is not allowed; give 1 to 3"},
      {kSinusoid, "workers { min: 3 max: 2 }",
       "workers.max: 2 is not allowed; give 0, or at least workers.min, 3"},
      {kSinusoid, "episode { sinusoid { amplitude_min: 6 } }",
       "episode.sinusoid.amplitude_max: 5 is not allowed; give at least "
       "episode.sinusoid.amplitude_min, 6"},
      {kSinusoid, "episode { sinusoid { phase_max: -1 } }",
       "episode.sinusoid.phase_max: -1 is not allowed; give at least"},
      {kSinusoid, "episode { sinusoid { input_min: 1 input_max: 0 } }",
       "episode.sinusoid.input_max: 0 is not allowed; give at least"},
      {kGaussianProcess, "dataset { name: 'sinusoid' }",
       "dataset.name: 'sinusoid' is not allowed; give gaussian-process for "
       "episode.gaussian_process"},
      {kGaussianProcess, "episode { gaussian_process { length_scale_min: 1 } }",
       "episode.gaussian_process.length_scale_max: 0.6 is not allowed; give at least"},
      {kGaussianProcess, "episode { gaussian_process { noise: 0 } }",
       "episode.gaussian_process.noise: 0 is not allowed; give a number above 0"},
      {kGaussianProcess, "episode { gaussian_process { max_shots: 9 } }",
       "episode.gaussian_process.max_shots: 9 is not allowed; give at least "
       "episode.gaussian_process.shots, 10"},
      {kImageCompletion, "dataset { name: 'sinusoid' }",
       "dataset.name: 'sinusoid' is not allowed; give a data set with classes, such as strokes, "
       "for "
       "episode.image_completion"},
      {kImageCompletion, "model { conv4 {} }",
       "episode: image_completion is not allowed; give classification with model.conv4"},
      {kImageCompletion, "evaluations { ways: 5 }",
       "evaluations[0].ways: 5 is not allowed; give none"},
      {kGaussianProcess, "evaluations { inner_steps: 1 }",
       "evaluations[0].inner_steps[0]: 1 is not allowed; give 0 to 0"},
      {kClassification, "algorithm { cnp {} }", "episode: classification is not allowed; give one"},
      {kClassification, "model { regression_loss: GAUSSIAN }",
       "model.regression_loss: GAUSSIAN is not allowed; give none: classifications are trained by"},
      {kClassification,
       "algorithm { reptile { inner_rate: 0.1 keep_moments: true } } meta_optimizer { adam {} }",
       "algorithm.reptile.keep_moments: true is not allowed; give false, or meta_optimizer.sgd"},
      {kClassification,
       "algorithm { reptile { inner_rate: 0.1 keep_moments: true } }"
       " meta_optimizer { sgd { rate: 1.5 } }",
       "algorithm.reptile.keep_moments: true is not allowed; give false, or meta_optimizer.sgd"},
      {kClassification,
       "algorithm { reptile { inner_rate: 0.1 inner_optimizer: SGD keep_moments: true } }",
       "algorithm.reptile.keep_moments: true is not allowed; give false: inner_optimizer SGD"},
      {kGaussianProcess, "model { regression_loss: MEAN_SQUARED_ERROR }",
       "model.regression_loss: MEAN_SQUARED_ERROR is not allowed; give none: algorithm.cnp has"},
      {kSinusoid, "evaluations { inner_steps: [1, 5, 5] }",
       "evaluations[0].inner_steps[2]: 5 is not allowed; give more than the one before it, 5"},
  });
}

TEST(CompleteSpecRefusalsTest, RefusesIntegersOutOfRange) {
  ExpectRefused({
      {kClassification, "episode { classification { ways: 1 } }",
       "episode.classification.ways: 1 is not allowed; give 2 to 65536"},
      {kClassification, "episode { classification { ways: 4294967295 } }",
       "episode.classification.ways: 4294967295 is not allowed"},
      {kClassification, "episode { classification { queries: 0 } }",
       "episode.classification.queries: 0 is not allowed; give 1 to 65536"},
      {kClassification, "episode { classification { shots: 65537 } }",
       "episode.classification.shots: 65537 is not allowed; give 1 to 65536"},
      {kSinusoid, "episode { sinusoid { shots: 65537 queries: 1 } }",
       "episode.sinusoid.shots: 65537 is not allowed; give 1 to 65536"},
      {kSinusoid, "episode { sinusoid { queries: 0 } }",
       "episode.sinusoid.queries: 0 is not allowed; give 1 to 65536"},
      {kClassification, "model { conv4 { filters: 0 } }",
       "model.conv4.filters: 0 is not allowed; give 1 to 512"},
      {kClassification, "model { conv4 { filters: 513 } }",
       "model.conv4.filters: 513 is not allowed; give 1 to 512"},
      {kSinusoid, "model { mlp { hidden: 4097 } }",
       "model.mlp.hidden[1]: 4097 is not allowed; give 1 to 4096"},
      {kSinusoid, "model { mlp {" + Repeat(16, "hidden: 1") + "} }",
       "model.mlp.hidden: a list of 17 is not allowed; give at most 16"},
      {kClassification, "model { resnet12 { filters: [8, 8, 8] } }",
       "model.resnet12.filters: a list of 3 is not allowed; give 4 numbers, or none"},
      {kClassification, "model { resnet12 { filters: [8, 8, 8, 8, 8] } }",
       "model.resnet12.filters: a list of 5 is not allowed; give at most 4"},
      {kClassification, "model { resnet12 { filters: [8, 8, 8, 1025] } }",
       "model.resnet12.filters[3]: 1025 is not allowed; give 1 to 1024"},
      {kSinusoid, "model { resnet12 {} }",
       "episode: sinusoid is not allowed; give classification with model.resnet12"},
      {kClassification, "evaluations { ways: 20 }",
       "evaluations[0].ways: 20 is not allowed; give 5, as in training"},
      {kSinusoid, "evaluations { ways: 5 }", "evaluations[0].ways: 5 is not allowed; give none"},
      {kSinusoid, "evaluations { shots: 0 }", "evaluations[0].shots: 0 is not allowed; give 1 to"},
      {kClassification, "model { conv4 { filters: 4294967295 } }",
       "model.conv4.filters: 4294967295 is not allowed; give 1 to 512"},
      {kSinusoid, "algorithm { maml { inner_steps: 101 } }",
       "algorithm.maml.inner_steps: 101 is not allowed; give 0 to 100"},
      {kSinusoid, "algorithm { reptile { inner_rate: 0.1 inner_steps: 0 } }",
       "algorithm.reptile.inner_steps: 0 is not allowed; give 1 to 100"},
      {kSinusoid, "training { steps: 1000000001 }",
       "training.steps: 1000000001 is not allowed; give 1 to 1000000000"},
      {kSinusoid, "training { tasks_per_step: 65537 }",
       "training.tasks_per_step: 65537 is not allowed; give 1 to 65536"},
      {kSinusoid, "training { tasks_per_shard: 0 }",
       "training.tasks_per_shard: 0 is not allowed; give 1 to 3"},
      {kSinusoid, "training { fixed_point_bits: 19 }",
       "training.fixed_point_bits: 19 is not allowed; give 20 to 52"},
      {kSinusoid, "training { fixed_point_bits: 53 }",
       "training.fixed_point_bits: 53 is not allowed; give 20 to 52"},
      {kSinusoid, "evaluations {} evaluations { tasks: 1 }",
       "evaluations[1].tasks: 1 is not allowed; give 2 to 1000000"},
      {kSinusoid, "evaluations { tasks: 1000001 }",
       "evaluations[0].tasks: 1000001 is not allowed; give 2 to 1000000"},
      {kSinusoid, "evaluations { inner_steps: 101 }",
       "evaluations[0].inner_steps[0]: 101 is not allowed; give 0 to 100"},
      {kSinusoid, "evaluations { queries: 0 }",
       "evaluations[0].queries: 0 is not allowed; give 1 to 65536"},
      {kSinusoid, Repeat(17, "evaluations {}"),
       "evaluations: a list of 17 is not allowed; give at most 16"},
      {kSinusoid, "workers { min: 0 }", "workers.min: 0 is not allowed; give 1 to 65536"},
      {kSinusoid, "checkpoints { digest_every_steps: 0 }",
       "checkpoints.digest_every_steps: 0 is not allowed; give 1 to 1000000000"},
      {kSinusoid, "start_from { step: 3 }",
       "start_from.job: nothing given; give the id or name of the job"},
      {kSinusoid, "queue { priority: 101 }",
       "queue.priority: 101 is not allowed; give -100 to 100"},
      {kSinusoid, "queue { priority: -101 }",
       "queue.priority: -101 is not allowed; give -100 to 100"},
      {kSinusoid, "queue { owner: '" + std::string(65, 'o') + "' }", "queue.owner: 'ooo"},
      {kSinusoid, "start_from { job: '" + std::string(129, 'j') + "' }", "start_from.job: 'jjj"},
  });
}

TEST(CompleteSpecRefusalsTest, RefusesLayersOfASequence) {
  const auto sequential = [](const std::string& layers) {
    return "model { sequential {" + layers + "} }";
  };
  ExpectRefused({
      {kClassification, sequential(""),
       "model.sequential.layers: nothing given; give a list of 1 to 64"},
      {kClassification, sequential(Repeat(65, "layers { relu {} }")),
       "model.sequential.layers: a list of 65 is not allowed; give at most 64"},
      {kClassification, sequential("layers {}"),
       "model.sequential.layers[0]: nothing given; give one of convolution, normalization"},
      {kClassification, sequential("layers { relu {} } layers { convolution {} }"),
       "model.sequential.layers[1].convolution.filters: 0 is not allowed; give 1 to 512"},
      {kClassification, sequential("layers { convolution { filters: 8 kernel_size: 16 } }"),
       "model.sequential.layers[0].convolution.kernel_size: 16 is not allowed; give 1 to 15"},
      {kClassification, sequential("layers { convolution { filters: 8 stride: 0 } }"),
       "model.sequential.layers[0].convolution.stride: 0 is not allowed; give 1 to 8"},
      {kClassification, sequential("layers { convolution { filters: 8 padding: 15 } }"),
       "model.sequential.layers[0].convolution.padding: 15 is not allowed; give 0 to 14"},
      {kClassification, sequential("layers { normalization {} }"),
       "model.sequential.layers[0].normalization: nothing given; give one of batch, group, none"},
      {kClassification, sequential("layers { normalization { group {} } }"),
       "model.sequential.layers[0].normalization.group.groups: 0 is not allowed; give 1 to 512"},
      {kClassification, sequential("layers { relu { negative_slope: 1 } }"),
       "model.sequential.layers[0].relu.negative_slope: 1 is not allowed; give a number from 0 to "
       "below 1"},
      {kSinusoid, sequential("layers { linear { units: 4097 } }"),
       "model.sequential.layers[0].linear.units: 4097 is not allowed; give 1 to 4096"},
      {kClassification, sequential("layers { residual { shortcut { relu {} } } }"),
       "model.sequential.layers[0].residual.layers: nothing given; give a list of 1 to 16"},
      {kClassification,
       sequential("layers { residual { layers { relu {} } shortcut { linear {} } } }"),
       "model.sequential.layers[0].residual.shortcut[0].linear.units: 0 is not allowed"},
  });
}

TEST(CompleteSpecRefusalsTest, RefusesRealNumbersOutOfRange) {
  ExpectRefused({
      {kSinusoid, "algorithm { maml { inner_rate: -1 } }",
       "algorithm.maml.inner_rate: -1 is not allowed; give a number above 0"},
      {kSinusoid, "algorithm { maml { inner_rate: nan } }",
       "algorithm.maml.inner_rate: nan is not allowed"},
      {kSinusoid, "algorithm { maml { inner_rate: inf } }",
       "algorithm.maml.inner_rate: inf is not allowed"},
      {kSinusoid, "algorithm { maml { early_loss_weight: 1.5 } }",
       "algorithm.maml.early_loss_weight: 1.5 is not allowed; give 0 to 1"},
      {kSinusoid, "algorithm { maml { early_loss_decay_steps: 1000000001 } }",
       "algorithm.maml.early_loss_decay_steps: 1000000001 is not allowed; give 0 to 1000000000"},
      {kSinusoid, "algorithm { meta_sgd {} }",
       "algorithm.meta_sgd.initial_rate: 0 is not allowed; give a number above 0"},
      {kSinusoid, "episode { sinusoid { amplitude_min: nan } }",
       "episode.sinusoid.amplitude_min: nan is not allowed"},
      {kSinusoid, "episode { sinusoid { input_min: -inf } }",
       "episode.sinusoid.input_min: -inf is not allowed"},
      {kSinusoid, "episode { sinusoid { phase_max: 1e300 } }",
       "episode.sinusoid.phase_max: 1e+300 is not allowed"},
      {kSinusoid, "meta_optimizer { sgd { rate: nan } }",
       "meta_optimizer.sgd.rate: nan is not allowed"},
      {kSinusoid, "meta_optimizer { sgd { momentum: 1 } }",
       "meta_optimizer.sgd.momentum: 1 is not allowed; give a number from 0 to below 1"},
      {kClassification, "meta_optimizer { adam { rate: 0 } }",
       "meta_optimizer.adam.rate: 0 is not allowed; give a number above 0"},
      {kClassification, "meta_optimizer { adam { beta1: 1 } }",
       "meta_optimizer.adam.beta1: 1 is not allowed; give a number from 0 to below 1"},
      {kClassification, "meta_optimizer { adam { beta2: -0.1 } }",
       "meta_optimizer.adam.beta2: -0.1 is not allowed"},
      {kClassification, "meta_optimizer { adam { epsilon: 0 } }",
       "meta_optimizer.adam.epsilon: 0 is not allowed; give a number above 0"},
  });
}

TEST(CompleteSpecRefusalsTest, RefusesEnumValuesThatItDoesNotKnow) {
  v1::JobSpec spec = Parse(kSinusoid);
  spec.mutable_algorithm()->mutable_maml()->set_order(static_cast<v1::Maml::Order>(9));
  ExpectRefused(spec, "algorithm.maml.order: 9 is not allowed; give one of SECOND, FIRST");
  spec = Parse(kClassification);
  spec.mutable_model()->mutable_conv4()->set_pooling(static_cast<v1::Conv4::Pooling>(9));
  ExpectRefused(spec, "model.conv4.pooling: 9 is not allowed; give one of STRIDED, MAX");
  spec = Parse(kSinusoid);
  spec.mutable_model()->set_regression_loss(static_cast<v1::Model::RegressionLoss>(9));
  ExpectRefused(
      spec, "model.regression_loss: 9 is not allowed; give one of MEAN_SQUARED_ERROR, GAUSSIAN");
  spec = Parse(kSinusoid);
  spec.add_evaluations()->set_split(static_cast<v1::Split>(9));
  ExpectRefused(spec,
                "evaluations[0].split: 9 is not allowed; give one of TRAIN, VALIDATION, TEST");
  spec = Parse(kSinusoid);
  spec.mutable_training()->set_on_non_finite(static_cast<v1::Training::NonFinite>(9));
  ExpectRefused(spec, "training.on_non_finite: 9 is not allowed; give one of FAIL, SKIP_STEP");
  spec.mutable_training()->clear_on_non_finite();
  spec.mutable_training()->set_product_precision(static_cast<v1::Training::ProductPrecision>(4));
  ExpectRefused(
      spec, "training.product_precision: 4 is not allowed; give one of FLOAT32, TF32, BFLOAT16");
  spec = Parse(kSinusoid);
  spec.mutable_workers()->set_reducer(static_cast<v1::Reducer>(9));
  ExpectRefused(spec, "workers.reducer: 9 is not allowed; give one of AUTO, COORDINATOR, GLOO");
}

TEST(CompleteSpecRefusalsTest, RefusesPublishedResultsThatSayTooLittleOrTooMuch) {
  const std::string result = "published { split: TEST mode: INDUCTIVE value: 1 source: 'x' }";
  using Change = std::function<void(v1::PublishedResult&)>;
  const std::vector<std::pair<Change, std::string>> cases = {
      {[](auto& r) { r.clear_split(); }, "published[0].split: nothing given; give one of TRAIN"},
      {[](auto& r) { r.clear_mode(); }, "published[0].mode: nothing given; give one of TRANSDUCT"},
      {[](auto& r) { r.set_mode(static_cast<v1::PredictionMode>(9)); },
       "published[0].mode: 9 is not allowed; give one of TRANSDUCTIVE, INDUCTIVE"},
      {[](auto& r) { r.set_inner_steps(101); }, "published[0].inner_steps: 101 is not allowed"},
      {[](auto& r) { r.set_value(NAN); }, "published[0].value: nan is not allowed"},
      {[](auto& r) { r.set_ci95(-1); }, "published[0].ci95: -1 is not allowed"},
      {[](auto& r) { r.clear_source(); }, "published[0].source: '' is not allowed; give 1 to 500"},
      {[](auto& r) { r.set_source(std::string(501, 's')); }, "published[0].source: 'ssss"},
  };
  for (const auto& [change, error] : cases) {
    v1::JobSpec spec = Merge(kSinusoid, result);
    ASSERT_TRUE(CompleteSpec(spec).ok());
    change(*spec.mutable_published(0));
    ExpectRefused(spec, error);
  }
  ExpectRefused(Merge(kSinusoid, Repeat(65, result)),
                "published: a list of 65 is not allowed; give at most 64");
}

TEST(CompleteSpecRefusalsTest, RefusesWhatWouldExhaustMemory) {
  ExpectRefused({
      {kClassification, "episode { classification { ways: 1000 shots: 10 queries: 10 } }",
       "training.tasks_per_shard: 4 is not allowed; give less: a task of this episode has 20000 "
       "examples, and together they may have 65536"},
      {kClassification, "episode { classification { ways: 65536 shots: 65536 queries: 65536 } }",
       "training.tasks_per_shard: 4 is not allowed; give less"},
      {kClassification,
       "episode { classification { ways: 20 shots: 5 queries: 5 } }"
       "training { tasks_per_step: 65536 }",
       "training.tasks_per_step: 65536 is not allowed; give less: a task of this episode has 200 "
       "examples, and together they may have 4194304"},
      {kImageCompletion, "episode { image_completion { max_shots: 30000 } }",
       "training.tasks_per_shard: 3 is not allowed; give less: a task of this episode has 30010 "
       "examples"},
      {kClassification, "evaluations { queries: 65536 }",
       "evaluations[0].queries: 65536 is not allowed; give less: a shard has 4 tasks of 327685 "
       "examples"},
      {kSinusoid, "evaluations { tasks: 1000000 inner_steps: [0,1,2,3,4,5,6,7,8,9,10] }",
       "evaluations[0].inner_steps: a list of 11 is not allowed; give at most 10 for 1000000 "
       "tasks"},
  });
}

}  // namespace
}  // namespace outerloop::coordinator
