#include "common/capacity_gauge.h"

#include <utility>

#include "prometheus/client_metric.h"
#include "prometheus/metric_family.h"
#include "prometheus/metric_type.h"

namespace outerloop {
namespace {

prometheus::ClientMetric Series(const std::string& kind, uint64_t bytes) {
  prometheus::ClientMetric series;
  series.label = {{"kind", kind}};
  series.gauge.value = static_cast<double>(bytes);
  return series;
}

}  // namespace

CapacityGauge::CapacityGauge(std::string name, std::string help, Measure measure)
    : name_(std::move(name)), help_(std::move(help)), measure_(std::move(measure)) {}

std::vector<prometheus::MetricFamily> CapacityGauge::Collect() const {
  const std::optional<Capacity> capacity = measure_();
  if (!capacity.has_value()) return {};
  return {{name_,
           help_,
           prometheus::MetricType::Gauge,
           {Series("size", capacity->size_bytes), Series("free", capacity->free_bytes)}}};
}

}  // namespace outerloop
