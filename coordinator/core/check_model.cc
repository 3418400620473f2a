#include "coordinator/core/check_model.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/network_shape.h"
#include "common/refusal.h"
#include "common/status_macros.h"

namespace outerloop::coordinator {
namespace {

// What four maxima of 2x2 pixels leave a pixel of.
constexpr int64_t kSmallestForFourMaxima = 16;

std::string WhyNotFourMaxima(const ExampleShape& image) {
  return absl::StrCat("the data set has images of ", image[1], " x ", image[2],
                      " pixels, and four maxima leave nothing of less than ",
                      kSmallestForFourMaxima, " x ", kSmallestForFourMaxima);
}

bool TakesFourMaxima(const ExampleShape& image) {
  return std::min(image[1], image[2]) >= kSmallestForFourMaxima;
}

absl::Status CheckConv4(const v1::Conv4& conv4, const ExampleShape& image) {
  const std::string path = "model.conv4";
  RETURN_IF_ERROR(CheckGroups(path + ".normalization", conv4.normalization(), conv4.filters()));
  if (conv4.pooling() != v1::Conv4::MAX || TakesFourMaxima(image)) return absl::OkStatus();
  return Refuse(path + ".pooling", "MAX", "STRIDED: " + WhyNotFourMaxima(image));
}

absl::Status CheckResNet12(const v1::ResNet12& resnet12, const ExampleShape& image) {
  const std::string path = "model.resnet12";
  for (const uint32_t filters : resnet12.filters()) {
    RETURN_IF_ERROR(CheckGroups(path + ".normalization", resnet12.normalization(), filters));
  }
  if (TakesFourMaxima(image)) return absl::OkStatus();
  return Refuse("model", "resnet12", "another: " + WhyNotFourMaxima(image));
}

absl::Status CheckSequential(const v1::Sequential& network, const ExampleShape& examples) {
  const std::string path = "model.sequential.layers";
  if (!HasParameters(network.layers())) {
    return Refuse(path, "a list in which nothing is learned",
                  "a convolution, normalization or linear layer as well");
  }
  return OutputShape(path, network.layers(), examples).status();
}

}  // namespace

absl::Status CheckModel(const v1::Model& model, const ExampleShape& examples) {
  switch (model.kind_case()) {
    case v1::Model::kConv4:
      return CheckConv4(model.conv4(), examples);
    case v1::Model::kSequential:
      return CheckSequential(model.sequential(), examples);
    case v1::Model::kResnet12:
      return CheckResNet12(model.resnet12(), examples);
    case v1::Model::kMlp:
    case v1::Model::KIND_NOT_SET:
      break;
  }
  return absl::OkStatus();
}

}  // namespace outerloop::coordinator
