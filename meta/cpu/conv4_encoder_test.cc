#include "meta/cpu/conv4_encoder.h"

#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "meta/algorithms/prototypical.h"
#include "meta/cpu/conv4_testing.h"
#include "meta/initial_parameters.h"
#include "meta/tensor_testing.h"

namespace outerloop::meta::cpu {
namespace {

using torch::Tensor;

// [P] in float
Tensor InitialParameters(const Encoder& encoder) {
  return DrawInitialParameters(encoder.layout(), encoder.initial_ranges(), /*seed=*/3);
}

Tensor ParameterGradient(const Encoder& encoder, const Tensor& feature_gradient,
                         Encoder::Record& record) {
  return encoder.Backward(feature_gradient, /*wants_inputs=*/false, record).parameters;
}

class Conv4EncoderTest : public Conv4Test {
 protected:
  void MakeNetworks() override {
    aten_ = meta::MakeConv4Encoder(options());
    cpu_ = MakeConv4Encoder(options(), instruction_set());
    MoveApart(InitialParameters(*aten_));
  }

  std::shared_ptr<const Encoder> aten_, cpu_;
};

TEST_P(Conv4EncoderTest, HasTheFeaturesAndGradientsOfTheLayeredEncoder) {
  const Tensor images = Images();
  const Encoder::Encoding expected = aten_->Encode(parameters_, images);
  const Encoder::Encoding actual = cpu_->Encode(parameters_, images);
  EXPECT_EQ(cpu_->features(), aten_->features());
  EXPECT_LT(RelativeError(actual.features, expected.features), 1e-11);
  const Tensor feature_gradient = torch::randn_like(expected.features);
  const auto of_aten = aten_->Backward(feature_gradient, /*wants_inputs=*/true, *expected.record);
  const auto of_cpu = cpu_->Backward(feature_gradient, /*wants_inputs=*/true, *actual.record);
  EXPECT_LT(RelativeError(of_cpu.parameters, of_aten.parameters), 1e-9);
  EXPECT_LT(RelativeError(of_cpu.inputs, of_aten.inputs), 1e-9);
}

TEST_P(Conv4EncoderTest, EncodesWithTheStatisticsOfAnotherBatchAsTheLayeredEncoder) {
  const Tensor support = Images(), queries = Images().narrow(1, 0, 1);
  const auto encode = [&](const Encoder& encoder) {
    const Encoder::Encoding batch = encoder.Encode(parameters_, support);
    return encoder.EncodeWithStatisticsOf(*batch.record, parameters_, queries);
  };
  EXPECT_LT(RelativeError(encode(*cpu_), encode(*aten_)), 1e-11);
}

TEST_P(Conv4EncoderTest, TrainsPrototypicalNetworksAsTheLayeredEncoder) {
  const Tensor labels = torch::arange(c().images).expand({tasks(), c().images});
  const TaskShard shard = {Images(), labels, Images(), labels.flip(1).contiguous(), c().images};
  for (const auto statistics : {EpisodeStatistics::kJoint, EpisodeStatistics::kSeparate}) {
    const auto meta_gradient = [&](const std::shared_ptr<const Encoder>& encoder) {
      return MakePrototypical(statistics, encoder)->MetaGradient(parameters_[0], shard);
    };
    const ShardGradient expected = meta_gradient(aten_), actual = meta_gradient(cpu_);
    EXPECT_LT(RelativeError(actual.gradient, expected.gradient), 1e-9);
    EXPECT_NEAR(actual.loss, expected.loss, 1e-10 * expected.loss);
    EXPECT_EQ(actual.accuracy, expected.accuracy);
  }
}

TEST_P(Conv4EncoderTest, GivesATaskTheSameBitsAloneAndBesideOthers) {
  constexpr int64_t kTasks = 6;
  const auto repeat = [](const Tensor& tasks) { return RepeatTasks(tasks, kTasks); };
  const Tensor parameters = parameters_.to(torch::kFloat), images = Images().to(torch::kFloat);
  const auto together = cpu_->Encode(repeat(parameters), repeat(images));
  const Tensor feature_gradient = torch::randn_like(together.features.narrow(0, 0, tasks()));
  const Tensor gradients = ParameterGradient(*cpu_, repeat(feature_gradient), *together.record);
  for (int64_t task = 0; task < tasks(); ++task) {
    const auto one = [task](const Tensor& all) { return all.narrow(0, task, 1); };
    const auto alone = cpu_->Encode(one(parameters), one(images));
    const Tensor gradient = ParameterGradient(*cpu_, one(feature_gradient), *alone.record);
    for (int64_t copy = task; copy < kTasks; copy += tasks()) {
      EXPECT_TRUE(torch::equal(alone.features[0], together.features[copy]));
      EXPECT_TRUE(torch::equal(gradient[0], gradients[copy]));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, Conv4EncoderTest, AllConv4Cases(), NameOfConv4Case);

class BestConv4EncoderTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!BestInstructionSet()) GTEST_SKIP() << "no kernels for this CPU";
    at::set_num_threads(1);
    torch::manual_seed(9);
    encoder_ = MakeConv4Encoder({}, *BestInstructionSet());
    parameters_ = InitialParameters(*encoder_);
  }

  static Tensor Images(int64_t tasks, int64_t images) {
    return torch::rand({tasks, images, 1, 28, 28});
  }
  Tensor Gradient(const Tensor& parameters, const Tensor& images,
                  const Tensor& feature_gradient) const {
    return ParameterGradient(*encoder_, feature_gradient,
                             *encoder_->Encode(parameters, images).record);
  }

  std::unique_ptr<const Encoder> encoder_;
  Tensor parameters_;
};

TEST_F(BestConv4EncoderTest, GivesTheSameBitsForOneRowOfParametersAndForEqualRows) {
  const Tensor images = Images(3, 5), feature_gradient = torch::randn({3, 5, 256});
  const Tensor one_row = parameters_.expand({3, parameters_.size(0)});
  EXPECT_TRUE(torch::equal(Gradient(one_row, images, feature_gradient),
                           Gradient(one_row.contiguous(), images, feature_gradient)));
}

TEST_F(BestConv4EncoderTest, GivesTheSameBitsInEveryThread) {
  const Tensor row = parameters_.unsqueeze(0), images = Images(1, 40);
  const Tensor feature_gradient = torch::randn({1, 40, 256});
  const Tensor expected = Gradient(row, images, feature_gradient);
  std::vector<Tensor> actual(3);
  std::vector<std::thread> threads;
  for (Tensor& gradient : actual) {
    threads.emplace_back([&] { gradient = Gradient(row, images, feature_gradient); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Tensor& gradient : actual) EXPECT_TRUE(torch::equal(gradient, expected));
}

TEST_F(BestConv4EncoderTest, TakesARecordAsOftenAsAsked) {
  const auto encoding = encoder_->Encode(parameters_.unsqueeze(0), Images(1, 5));
  const Tensor feature_gradient = torch::randn({1, 5, 256});
  const Tensor first = ParameterGradient(*encoder_, feature_gradient, *encoding.record);
  const auto again = encoder_->Backward(feature_gradient, /*wants_inputs=*/true, *encoding.record);
  EXPECT_TRUE(torch::equal(again.parameters, first));
}

TEST_F(BestConv4EncoderTest, TakesGradientsThatAreViews) {
  const Tensor images = Images(2, 5), rows = parameters_.expand({2, parameters_.size(0)});
  for (const Tensor& view :
       {torch::randn({2, 9, 256}).narrow(1, 3, 5), torch::randn({2, 256, 5}).transpose(1, 2)}) {
    EXPECT_TRUE(
        torch::equal(Gradient(rows, images, view), Gradient(rows, images, view.contiguous())));
  }
}

TEST_F(BestConv4EncoderTest, EncodesEachInputAloneWithTheStatisticsOfABatch) {
  const Tensor row = parameters_.unsqueeze(0), queries = Images(1, 9);
  const auto batch = encoder_->Encode(row, Images(1, 5));
  const auto encode = [&](const Tensor& inputs) {
    return encoder_->EncodeWithStatisticsOf(*batch.record, row, inputs);
  };
  EXPECT_TRUE(torch::equal(encode(queries.narrow(1, 4, 1)), encode(queries).narrow(1, 4, 1)));
}

TEST_F(BestConv4EncoderTest, RefusesWhatDoesNotFit) {
  const Tensor row = parameters_.unsqueeze(0), images = Images(1, 5);
  EXPECT_THROW(encoder_->Encode(row, images.narrow(3, 0, 27)), c10::Error);
  EXPECT_THROW(encoder_->Encode(row.narrow(1, 0, 99), images), c10::Error);
  EXPECT_THROW(encoder_->Encode(row, images.to(torch::kDouble)), c10::Error);
  EXPECT_THROW(encoder_->Encode(row.to(torch::kHalf), images.to(torch::kHalf)), c10::Error);
  const auto encoding = encoder_->Encode(row, images);
  const auto backward = [&](const Tensor& feature_gradient) {
    encoder_->Backward(feature_gradient, /*wants_inputs=*/false, *encoding.record);
  };
  EXPECT_THROW(backward(torch::randn({1, 4, 256})), c10::Error);
  EXPECT_THROW(backward(torch::randn({1, 5, 255})), c10::Error);
  EXPECT_THROW(backward(torch::randn({1, 5, 256}, torch::kDouble)), c10::Error);
  EXPECT_THROW(
      encoder_->EncodeWithStatisticsOf(*encoding.record, row.expand({2, -1}), Images(2, 5)),
      c10::Error);
  EXPECT_THROW(encoder_->EncodeWithStatisticsOf(*encoding.record, row.to(torch::kDouble),
                                                images.to(torch::kDouble)),
               c10::Error);
}

}  // namespace
}  // namespace outerloop::meta::cpu
