#include "meta/ops/gaussian_likelihood.h"

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace outerloop::meta {
namespace {

using torch::Tensor;

constexpr double kLeastDeviation = 0.1;
constexpr double kSlope = 0.9;

// With e = (y - mu) / sigma and d = dsigma/ds, an example's loss and its derivatives are
//   l    = e^2 / 2 + log sigma + log(2 pi) / 2,
//   g_mu = -e / sigma,    g_s = d (1 - e^2) / sigma,
// and those of the second line along a direction follow from
//   sigma' = d s',    e' = -(mu' + e sigma') / sigma,    d' = d (1 - logistic(s)) s'.
// All are [T, N, K].
struct ForwardRecord {
  Tensor error;  // e
  Tensor sigma;
  Tensor logistic;  // Of s.
};

double Examples(const Tensor& values) { return static_cast<double>(values.size(1)); }

class GaussianLikelihood final : public Loss {
 public:
  Tensor Forward(const Tensor& outputs, const Tensor& targets, Record& record) const override {
    const std::vector<Tensor> parts = outputs.chunk(2, -1);
    TORCH_CHECK(parts[0].sizes() == targets.sizes(), "outputs are ", outputs.sizes(),
                " but targets are ", targets.sizes());
    const Tensor sigma = GaussianDeviation(parts[1]);
    const Tensor error = (targets - parts[0]) / sigma;
    const Tensor loss = 0.5 * error.square() + sigma.log() + 0.5 * std::log(2 * std::numbers::pi);
    record = ForwardRecord{error, sigma, torch::sigmoid(parts[1])};
    return loss.sum(-1).mean(-1);
  }

  Tensor Backward(const Record& record) const override {
    const auto& [error, sigma, logistic] = std::any_cast<const ForwardRecord&>(record);
    const Tensor of_mean = -error / sigma;
    const Tensor of_s = kSlope * logistic * (1 - error.square()) / sigma;
    return torch::cat({of_mean, of_s}, -1).div_(Examples(error));
  }

  Tensor TangentBackward(const Tensor& output_tangent, const Record& record) const override {
    const auto& [error, sigma, logistic] = std::any_cast<const ForwardRecord&>(record);
    const std::vector<Tensor> parts = output_tangent.chunk(2, -1);
    const Tensor slope = kSlope * logistic;
    // Of log sigma, of e, and of log d.
    const Tensor relative_sigma = slope * parts[1] / sigma;
    const Tensor error_tangent = -(parts[0] / sigma + error * relative_sigma);
    const Tensor relative_slope = (1 - logistic) * parts[1];
    const Tensor of_mean = (error * relative_sigma - error_tangent) / sigma;
    const Tensor of_s =
        slope *
        ((1 - error.square()) * (relative_slope - relative_sigma) - 2 * error * error_tangent) /
        sigma;
    return torch::cat({of_mean, of_s}, -1).div_(Examples(error));
  }

  std::string metric() const override { return "log_likelihood"; }

  Tensor Score(const Tensor& outputs, const Tensor& targets) const override {
    Record unused;
    return -Forward(outputs, targets, unused);
  }
};

}  // namespace

Tensor GaussianDeviation(const Tensor& s) { return kLeastDeviation + kSlope * torch::softplus(s); }

std::unique_ptr<const Loss> MakeGaussianLikelihood() {
  return std::make_unique<GaussianLikelihood>();
}

}  // namespace outerloop::meta
