// Families of metrics, registered in one line.
#ifndef OUTERLOOP_COMMON_METRICS_H_
#define OUTERLOOP_COMMON_METRICS_H_

#include <string>

#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace outerloop {

// What is added to them, with its labels, lives as long as `registry`.

inline prometheus::Family<prometheus::Counter>& AddCounters(prometheus::Registry& registry,
                                                            const std::string& name,
                                                            const std::string& help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

inline prometheus::Family<prometheus::Gauge>& AddGauges(prometheus::Registry& registry,
                                                        const std::string& name,
                                                        const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

inline prometheus::Family<prometheus::Histogram>& AddHistograms(prometheus::Registry& registry,
                                                                const std::string& name,
                                                                const std::string& help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

// The one counter or gauge of a family without labels.

inline prometheus::Counter& AddCounter(prometheus::Registry& registry, const std::string& name,
                                       const std::string& help) {
  return AddCounters(registry, name, help).Add({});
}

inline prometheus::Gauge& AddGauge(prometheus::Registry& registry, const std::string& name,
                                   const std::string& help) {
  return AddGauges(registry, name, help).Add({});
}

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_METRICS_H_
