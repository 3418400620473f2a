#include "meta/initial_parameters.h"

#include <cmath>

#include "common/philox.h"

namespace outerloop::meta {
namespace {

InitialRange Symmetric(double bound) { return {-bound, bound}; }

void Draw(const InitialRange& range, RandomStream stream, float* values, int64_t size) {
  for (int64_t i = 0; i < size; ++i) {
    values[i] = static_cast<float>(range.low == range.high ? range.low
                                                           : stream.Uniform(range.low, range.high));
  }
}

}  // namespace

InitialRange HeUniform(int64_t fan_in) {
  return Symmetric(std::sqrt(6.0 / static_cast<double>(fan_in)));
}

InitialRange GlorotUniform(int64_t fan_in, int64_t fan_out) {
  return Symmetric(std::sqrt(6.0 / static_cast<double>(fan_in + fan_out)));
}

torch::Tensor DrawInitialParameters(const ParameterLayout& layout,
                                    const std::map<std::string, InitialRange>& ranges,
                                    uint64_t seed) {
  torch::Tensor parameters = torch::empty({layout.size()}, torch::kFloat32);
  float* const values = parameters.data_ptr<float>();
  uint64_t place = 0;
  for (const ParameterLayout::Entry& entry : layout.entries()) {
    const RandomStream stream(seed, RandomPurpose::kInitialParameters, /*step=*/place++,
                              /*task=*/0);
    Draw(ranges.at(entry.name), stream, values + entry.offset, entry.size);
  }
  return parameters;
}

}  // namespace outerloop::meta
