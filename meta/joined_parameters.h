// The parameters of several networks as one set.
#ifndef OUTERLOOP_META_JOINED_PARAMETERS_H_
#define OUTERLOOP_META_JOINED_PARAMETERS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "meta/initial_parameters.h"
#include "meta/parameters.h"
#include "torch/torch.h"

namespace outerloop::meta {

// One of those networks. Parameter "weight" of part "decoder" is "decoder.weight" of the whole.
struct ParameterPart {
  std::string name;  // Without a dot.
  ParameterLayout layout;
  // Has every name of `layout` where InitialParameters is asked for.
  std::map<std::string, InitialRange> initial_ranges;
};

// In name order each part's parameters lie together and in their own order, so the whole's flat
// buffer is the parts' buffers end to end. Immutable.
class JoinedParameters {
 public:
  // In ascending order of their names.
  explicit JoinedParameters(const std::vector<ParameterPart>& parts);

  const ParameterLayout& layout() const { return layout_; }
  // [P] float32 on the CPU, a function of `seed` alone.
  torch::Tensor InitialParameters(uint64_t seed) const;

  // The parts' buffers, in their order, as views of `flat` [..., P].
  std::vector<torch::Tensor> Split(const torch::Tensor& flat) const;
  // Split's inverse.
  torch::Tensor Join(const std::vector<torch::Tensor>& parts) const;

 private:
  const ParameterLayout layout_;
  const std::map<std::string, InitialRange> initial_ranges_;
  const std::vector<int64_t> sizes_;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_JOINED_PARAMETERS_H_
