#include "client/report/curve_chart.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "client/report/axis.h"

namespace outerloop::client {
namespace {

// In pixels of the picture.
constexpr double kWidth = 300, kHeight = 190;
constexpr double kLeft = 34, kRight = 8, kTop = 8, kBottom = 24;

struct Point {
  double x;
  double y;
  double deviation = 0;

  bool is_finite() const {
    return std::isfinite(x) && std::isfinite(y) && std::isfinite(deviation);
  }
};
using Points = std::vector<Point>;
using Floats = google::protobuf::RepeatedField<float>;

// By x.
Points Sorted(Points points) {
  std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
  return points;
}

// By x. `deviations` may be empty.
Points PointsOf(const Floats& xs, const Floats& ys, const Floats& deviations = {}) {
  Points points;
  for (int i = 0; i < std::min(xs.size(), ys.size()); ++i) {
    const Point point{xs[i], ys[i], i < deviations.size() ? deviations[i] : 0.0};
    if (point.is_finite()) points.push_back(point);
  }
  return Sorted(std::move(points));
}

Points Joined(Points points, const Points& others) {
  points.insert(points.end(), others.begin(), others.end());
  return Sorted(std::move(points));
}

struct Scales {
  Axis across;
  Axis up;
};

// So that `points` lie within.
Scales ScalesOf(const Points& points) {
  Point low = points.front(), high = points.front();
  for (const Point& point : points) {
    low = {std::min(low.x, point.x), std::min(low.y, point.y - 2 * point.deviation)};
    high = {std::max(high.x, point.x), std::max(high.y, point.y + 2 * point.deviation)};
  }
  const double margin = (high.y - low.y) / 20;
  return {Axis(low.x, high.x, kLeft, kWidth - kRight),
          Axis(low.y - margin, high.y + margin, kHeight - kBottom, kTop)};
}

std::string Grid(const Scales& scales) {
  std::string svg;
  for (const double value : scales.up.Ticks(5)) {
    const double y = scales.up.Position(value);
    absl::StrAppendFormat(&svg,
                          "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
                          "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                          kLeft, y, kWidth - kRight, y, kLeft - 5, y + 4, TickLabel(value, false));
  }
  for (const double value : scales.across.Ticks(6)) {
    absl::StrAppendFormat(&svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
                          scales.across.Position(value), kHeight - 6, TickLabel(value, false));
  }
  return svg;
}

std::string Positions(const Points& points, const Scales& scales, double deviations) {
  std::string text;
  for (const Point& point : points) {
    absl::StrAppendFormat(&text, "%.1f,%.1f ", scales.across.Position(point.x),
                          scales.up.Position(point.y + deviations * point.deviation));
  }
  return text;
}

std::string Band(const Points& points, const Scales& scales) {
  Points back(points.rbegin(), points.rend());
  return "<polygon class=\"band\" points=\"" + Positions(points, scales, 2) +
         Positions(back, scales, -2) + "\"/>\n";
}

std::string Line(const Points& points, const Scales& scales, const char* type) {
  return absl::StrFormat("<polyline class=\"%s\" points=\"%s\"/>\n", type,
                         Positions(points, scales, 0));
}

std::string Dots(const Points& points, const Scales& scales) {
  std::string svg;
  for (const Point& point : points) {
    absl::StrAppendFormat(&svg, "<circle class=\"given\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n",
                          scales.across.Position(point.x), scales.up.Position(point.y));
  }
  return svg;
}

std::string Crosses(const Points& points, const Scales& scales) {
  std::string path;
  for (const Point& point : points) {
    absl::StrAppendFormat(&path, "M%.1f,%.1fm-3,-3l6,6m0,-6l-6,6", scales.across.Position(point.x),
                          scales.up.Position(point.y));
  }
  return "<path class=\"predicted\" d=\"" + path + "\"/>\n";
}

}  // namespace

std::string CurveChart(const v1::RegressionSample& sample) {
  const Points given = PointsOf(sample.support_inputs(), sample.support_targets());
  const Points predicted =
      PointsOf(sample.query_inputs(), sample.predictions(), sample.deviations());
  const Points truth = Joined(PointsOf(sample.query_inputs(), sample.query_targets()), given);
  const Points all = Joined(truth, predicted);
  if (all.empty()) return "";
  const Scales scales = ScalesOf(all);
  return absl::StrFormat(
             "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"the true curve, "
             "%d given points and %d predictions\">\n",
             kWidth, kHeight, given.size(), predicted.size()) +
         Grid(scales) + (sample.deviations().empty() ? "" : Band(predicted, scales)) +
         Line(truth, scales, "truth") + Crosses(predicted, scales) + Dots(given, scales) +
         "</svg>\n";
}

}  // namespace outerloop::client
