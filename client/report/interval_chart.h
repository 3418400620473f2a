// Means with their intervals, beside those of papers, as a picture within a page.
#ifndef OUTERLOOP_CLIENT_REPORT_INTERVAL_CHART_H_
#define OUTERLOOP_CLIENT_REPORT_INTERVAL_CHART_H_

#include <optional>
#include <string>
#include <vector>

#include "common/mean_and_interval.h"

namespace outerloop::client {

// One line of the picture.
struct ChartedInterval {
  std::string label;
  MeanAndInterval own;                       // Finite.
  std::optional<MeanAndInterval> published;  // ci95 0: no interval was.
};

// <svg>, all on one axis; "" if there are none. `percent`: values are fractions, shown in percent.
std::string IntervalChart(const std::vector<ChartedInterval>& intervals, bool percent);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_REPORT_INTERVAL_CHART_H_
