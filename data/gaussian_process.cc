#include "data/gaussian_process.h"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace outerloop::data {
namespace {

double Covariance(const GaussianProcess& process, double x, double y) {
  const double distance = (x - y) / process.length_scale;
  return process.deviation * process.deviation * std::exp(-0.5 * distance * distance);
}

// A lower triangular matrix, row by row.
class Factor {
 public:
  // L with L L^T the covariance of observations at `inputs` (Cholesky's decomposition).
  Factor(const GaussianProcess& process, const std::vector<float>& inputs) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      rows_.emplace_back(i + 1);
      for (size_t j = 0; j < i; ++j) {
        const double covariance = Covariance(process, inputs[i], inputs[j]);
        rows_[i][j] = (covariance - Product(i, j, j)) / rows_[j][j];
      }
      const double variance =
          Covariance(process, inputs[i], inputs[i]) + process.noise * process.noise;
      rows_[i][i] = std::sqrt(variance - Product(i, i, i));
    }
  }

  // L v
  std::vector<double> Times(const std::vector<double>& v) const {
    std::vector<double> product(rows_.size());
    for (size_t i = 0; i < rows_.size(); ++i) {
      for (size_t j = 0; j <= i; ++j) product[i] += rows_[i][j] * v[j];
    }
    return product;
  }

  // L^-1 v
  std::vector<double> Solve(std::vector<double> v) const {
    for (size_t i = 0; i < rows_.size(); ++i) {
      for (size_t j = 0; j < i; ++j) v[i] -= rows_[i][j] * v[j];
      v[i] /= rows_[i][i];
    }
    return v;
  }

 private:
  // Of the first n entries of two rows.
  double Product(size_t a, size_t b, size_t n) const {
    double sum = 0;
    for (size_t k = 0; k < n; ++k) sum += rows_[a][k] * rows_[b][k];
    return sum;
  }

  std::vector<std::vector<double>> rows_;
};

double Product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double LogNormal(double y, double mean, double variance) {
  const double error = y - mean;
  return -0.5 * (std::log(2 * std::numbers::pi * variance) + error * error / variance);
}

}  // namespace

std::vector<double> Observe(const GaussianProcess& process, const std::vector<float>& inputs,
                            const std::vector<double>& normals) {
  return Factor(process, inputs).Times(normals);
}

double PredictiveLogLikelihood(const GaussianProcess& process,
                               const std::vector<float>& support_inputs,
                               const std::vector<float>& support_targets,
                               const std::vector<float>& query_inputs,
                               const std::vector<float>& query_targets) {
  const Factor factor(process, support_inputs);
  const std::vector<double> whitened =
      factor.Solve({support_targets.begin(), support_targets.end()});
  const double prior = process.deviation * process.deviation + process.noise * process.noise;
  double sum = 0;
  for (size_t q = 0; q < query_inputs.size(); ++q) {
    std::vector<double> covariances;
    for (const float x : support_inputs) {
      covariances.push_back(Covariance(process, x, query_inputs[q]));
    }
    const std::vector<double> v = factor.Solve(covariances);
    sum += LogNormal(query_targets[q], Product(v, whitened), prior - Product(v, v));
  }
  return sum / static_cast<double>(query_inputs.size());
}

}  // namespace outerloop::data
