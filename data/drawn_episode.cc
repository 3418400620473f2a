#include "data/drawn_episode.h"

#include <algorithm>

#include "google/protobuf/descriptor.h"

namespace outerloop::data {

std::string KindOf(const v1::Episode& episode) {
  const google::protobuf::FieldDescriptor* const field =
      v1::Episode::descriptor()->FindFieldByNumber(episode.kind_case());
  return field == nullptr ? "" : field->name();
}

std::string DrawnDatasetOf(const v1::Episode& episode) {
  switch (episode.kind_case()) {
    case v1::Episode::kSinusoid:
      return "sinusoid";
    case v1::Episode::kGaussianProcess:
      return "gaussian-process";
    case v1::Episode::kClassification:
    case v1::Episode::KIND_NOT_SET:
      break;
  }
  return "";
}

std::vector<std::string> DrawnDatasets() {
  v1::Episode sinusoid, gaussian_process;
  sinusoid.mutable_sinusoid();
  gaussian_process.mutable_gaussian_process();
  return {DrawnDatasetOf(sinusoid), DrawnDatasetOf(gaussian_process)};
}

bool IsDrawnDataset(const std::string& name) {
  const std::vector<std::string> names = DrawnDatasets();
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace outerloop::data
