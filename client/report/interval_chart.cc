#include "client/report/interval_chart.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_format.h"
#include "client/report/axis.h"
#include "client/report/html.h"

namespace outerloop::client {
namespace {

// In pixels of the picture.
constexpr double kWidth = 940, kRow = 40, kTop = 14, kBottom = 34;
constexpr double kLeft = 300, kRight = 24;

// From the least to the greatest that is drawn, and a little more.
Axis AxisOf(const std::vector<ChartedInterval>& intervals) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  const auto include = [&](const MeanAndInterval& interval) {
    low = std::min(low, interval.mean - interval.ci95);
    high = std::max(high, interval.mean + interval.ci95);
  };
  for (const ChartedInterval& interval : intervals) {
    include(interval.own);
    if (interval.published.has_value()) include(*interval.published);
  }
  const double margin = (high - low) / 20;
  return {low - margin, high + margin, kLeft, kWidth - kRight};
}

std::string Interval(const MeanAndInterval& interval, const Axis& axis, double y,
                     const char* type) {
  return absl::StrFormat(
      "<g class=\"%s\"><line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
      "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/></g>\n",
      type, axis.Position(interval.mean - interval.ci95), y,
      axis.Position(interval.mean + interval.ci95), y, axis.Position(interval.mean), y);
}

std::string Row(const ChartedInterval& interval, const Axis& axis, double top) {
  const double middle = top + kRow / 2;
  std::string svg = absl::StrFormat("<text x=\"0\" y=\"%.1f\">%s</text>\n", middle + 4,
                                    EscapeHtml(interval.label));
  svg += Interval(interval.own, axis, middle - 5, "own");
  if (interval.published.has_value()) {
    svg += Interval(*interval.published, axis, middle + 7, "published");
  }
  return svg;
}

std::string Grid(const Axis& axis, double bottom, bool percent) {
  std::string svg;
  for (const double value : axis.Ticks(8)) {
    const double x = axis.Position(value);
    absl::StrAppendFormat(&svg,
                          "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
                          "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
                          x, kTop, x, bottom, x, bottom + 18, TickLabel(value, percent));
  }
  return svg;
}

}  // namespace

std::string IntervalChart(const std::vector<ChartedInterval>& intervals, bool percent) {
  if (intervals.empty()) return "";
  const Axis axis = AxisOf(intervals);
  const double bottom = kTop + kRow * static_cast<double>(intervals.size());
  std::string svg =
      absl::StrFormat("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n", kWidth, bottom + kBottom);
  svg += Grid(axis, bottom, percent);
  double top = kTop;
  for (const ChartedInterval& interval : intervals) {
    svg += Row(interval, axis, top);
    top += kRow;
  }
  return svg + "</svg>\n";
}

}  // namespace outerloop::client
