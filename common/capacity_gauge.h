// How much room there is, measured when somebody scrapes it.
#ifndef OUTERLOOP_COMMON_CAPACITY_GAUGE_H_
#define OUTERLOOP_COMMON_CAPACITY_GAUGE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "prometheus/collectable.h"

namespace outerloop {

// Of a disk, or of a device's memory.
struct Capacity {
  uint64_t size_bytes = 0;
  uint64_t free_bytes = 0;
};

// A gauge with the two series kind="size" and kind="free".
class CapacityGauge final : public prometheus::Collectable {
 public:
  // Called at each scrape, by the scraper's thread: must be thread-safe and quick. Nothing: this
  // scrape goes without.
  using Measure = std::function<std::optional<Capacity>()>;

  CapacityGauge(std::string name, std::string help, Measure measure);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::string name_;
  const std::string help_;
  const Measure measure_;
};

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_CAPACITY_GAUGE_H_
