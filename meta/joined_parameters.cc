#include "meta/joined_parameters.h"

namespace outerloop::meta {
namespace {

ParameterLayout LayoutOf(const std::vector<ParameterPart>& parts) {
  std::map<std::string, std::vector<int64_t>> shapes;
  for (size_t i = 0; i < parts.size(); ++i) {
    TORCH_CHECK(i == 0 || parts[i - 1].name < parts[i].name, "parts are not in name order");
    for (const ParameterLayout::Entry& entry : parts[i].layout.entries()) {
      shapes[parts[i].name + "." + entry.name] = entry.shape;
    }
  }
  return ParameterLayout(shapes);
}

std::map<std::string, InitialRange> InitialRangesOf(const std::vector<ParameterPart>& parts) {
  std::map<std::string, InitialRange> ranges;
  for (const ParameterPart& part : parts) {
    for (const auto& [name, range] : part.initial_ranges) ranges[part.name + "." + name] = range;
  }
  return ranges;
}

std::vector<int64_t> SizesOf(const std::vector<ParameterPart>& parts) {
  std::vector<int64_t> sizes;
  for (const ParameterPart& part : parts) sizes.push_back(part.layout.size());
  return sizes;
}

}  // namespace

JoinedParameters::JoinedParameters(const std::vector<ParameterPart>& parts)
    : layout_(LayoutOf(parts)), initial_ranges_(InitialRangesOf(parts)), sizes_(SizesOf(parts)) {}

torch::Tensor JoinedParameters::InitialParameters(uint64_t seed) const {
  return DrawInitialParameters(layout_, initial_ranges_, seed);
}

std::vector<torch::Tensor> JoinedParameters::Split(const torch::Tensor& flat) const {
  return flat.split_with_sizes(sizes_, -1);
}

torch::Tensor JoinedParameters::Join(const std::vector<torch::Tensor>& parts) const {
  return torch::cat(parts, -1);
}

}  // namespace outerloop::meta
