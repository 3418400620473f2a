// The encoder that is a list of layers.
#ifndef OUTERLOOP_META_MODELS_LAYERED_ENCODER_H_
#define OUTERLOOP_META_MODELS_LAYERED_ENCODER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "meta/models/encoder.h"
#include "meta/models/layered_network.h"

namespace outerloop::meta {

class LayeredEncoder final : public Encoder {
 public:
  // `layers` as LayeredNetwork takes them; the last one's outputs are [T, N, features].
  LayeredEncoder(std::vector<NamedLayer> layers, int64_t features);

  const ParameterLayout& layout() const override { return network_.layout(); }
  const std::map<std::string, InitialRange>& initial_ranges() const override {
    return network_.initial_ranges();
  }
  int64_t features() const override { return features_; }

  Encoding Encode(const torch::Tensor& parameters, const torch::Tensor& inputs) const override;
  Gradients Backward(const torch::Tensor& feature_gradient, bool wants_inputs,
                     Record& record) const override;
  torch::Tensor EncodeWithStatisticsOf(const Record& record, const torch::Tensor& parameters,
                                       const torch::Tensor& inputs) const override;
  bool has_batch_statistics() const override { return network_.has_batch_statistics(); }

 private:
  struct NetworkRecord;

  const LayeredNetwork network_;
  const int64_t features_;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_LAYERED_ENCODER_H_
