#include "coordinator/core/check_model.h"

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;

absl::Status Check(const std::string& model, const ExampleShape& examples) {
  v1::Model message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(model, &message)) << model;
  return CheckModel(message, examples);
}

void ExpectRefused(const std::string& model, const ExampleShape& examples,
                   const std::string& error) {
  const absl::Status status = Check(model, examples);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << model;
  EXPECT_THAT(std::string(status.message()), HasSubstr(error));
}

TEST(CheckModel, TakesMaximaOfLargeImagesOnly) {
  EXPECT_EQ(Check("conv4 { filters: 64 pooling: MAX }", {1, 16, 16}), absl::OkStatus());
  EXPECT_EQ(Check("conv4 { filters: 64 pooling: STRIDED }", {1, 1, 1}), absl::OkStatus());
  ExpectRefused("conv4 { filters: 64 pooling: MAX }", {1, 20, 15},
                "model.conv4.pooling: MAX is not allowed; give STRIDED: the data set has images of "
                "20 x 15 pixels");
}

TEST(CheckModel, TakesGroupsThatDivideTheFilters) {
  EXPECT_EQ(Check("conv4 { filters: 64 normalization { group { groups: 8 } } }", {1, 28, 28}),
            absl::OkStatus());
  EXPECT_EQ(Check("conv4 { filters: 5 normalization { none {} } }", {1, 28, 28}), absl::OkStatus());
  ExpectRefused("conv4 { filters: 64 normalization { group { groups: 12 } } }", {1, 28, 28},
                "model.conv4.normalization.group.groups: 12 is not allowed; give a divisor of the "
                "number of channels there, 64");
}

TEST(CheckModel, TakesResNet12OfLargeImagesOnly) {
  const std::string resnet12 = "resnet12 { filters: [8, 8, 16, 12] ";
  EXPECT_EQ(Check(resnet12 + "}", {3, 16, 17}), absl::OkStatus());
  ExpectRefused(resnet12 + "}", {3, 15, 84},
                "model: resnet12 is not allowed; give another: the data set has images of 15 x 84 "
                "pixels");
  EXPECT_EQ(Check(resnet12 + "normalization { group { groups: 4 } } }", {3, 84, 84}),
            absl::OkStatus());
  ExpectRefused(
      resnet12 + "normalization { group { groups: 8 } } }", {3, 84, 84},
      "model.resnet12.normalization.group.groups: 8 is not allowed; give a divisor of the "
      "number of channels there, 12");
}

TEST(CheckModel, TakesSequencesThatFitTheExamples) {
  const std::string network =
      "sequential { layers { convolution { filters: 8 kernel_size: 5 stride: 1 } }"
      "             layers { relu {} } }";
  EXPECT_EQ(Check(network, {3, 5, 9}), absl::OkStatus());
  ExpectRefused(network, {3, 4, 9},
                "model.sequential.layers[0].convolution.kernel_size: 5 is not allowed; give at "
                "most 4: its inputs are images of 3 x 4 x 9 (channels, height, width)");
  ExpectRefused(network, {1}, "model.sequential.layers[0].convolution: a layer of images is not");
}

TEST(CheckModel, RefusesSequencesThatLearnNothing) {
  ExpectRefused("sequential { layers { relu {} } layers { normalization { none {} } } }", {1, 9, 9},
                "model.sequential.layers: a list in which nothing is learned is not allowed");
}

}  // namespace
}  // namespace outerloop::coordinator
