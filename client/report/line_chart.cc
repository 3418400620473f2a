#include "client/report/line_chart.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "client/report/axis.h"
#include "client/report/html.h"

namespace outerloop::client {
namespace {

// In pixels of the picture.
constexpr double kWidth = 460, kHeight = 250;
constexpr double kLeft = 58, kRight = 24, kTop = 32, kBottom = 44;

Axis AcrossOf(const LineChart& chart) {
  return {0, chart.points.back().first, kLeft, kWidth - kRight};
}

double LeastOf(const LineChart& chart) {
  double least = chart.points.front().second;
  for (const auto& [x, y] : chart.points) least = std::min(least, y);
  return least;
}

double GreatestOf(const LineChart& chart) {
  double greatest = chart.points.front().second;
  for (const auto& [x, y] : chart.points) greatest = std::max(greatest, y);
  return greatest;
}

// Where values stand, upwards.
class Scale {
 public:
  // From the least value, or zero, to the greatest, or 100 %.
  explicit Scale(const LineChart& chart)
      : logarithmic_(chart.logarithmic),
        low_(chart.percent || chart.logarithmic ? LeastOf(chart) : std::min(0.0, LeastOf(chart))),
        high_(chart.percent ? 1 : GreatestOf(chart)),
        axis_(Shown(low_), Shown(high_), kHeight - kBottom, kTop) {}

  double Position(double value) const { return axis_.Position(Shown(value)); }
  std::vector<double> Ticks() const {
    return logarithmic_ ? LogarithmicTicks(low_, high_, 8) : axis_.Ticks(6);
  }

 private:
  double Shown(double value) const { return logarithmic_ ? std::log10(value) : value; }

  const bool logarithmic_;
  const double low_, high_;
  const Axis axis_;
};

std::string Text(double x, double y, const char* anchor, const std::string& text) {
  return absl::StrFormat("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor,
                         EscapeHtml(text));
}

std::string Line(double x1, double y1, double x2, double y2, const char* type) {
  return absl::StrFormat("<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                         type, x1, y1, x2, y2);
}

std::string Grid(const LineChart& chart, const Axis& across, const Scale& up) {
  std::string svg;
  for (const double value : up.Ticks()) {
    const double y = up.Position(value);
    svg += Line(kLeft, y, kWidth - kRight, y, "grid");
    svg += Text(kLeft - 6, y + 4, "end", TickLabel(value, chart.percent));
  }
  for (const double value : across.Ticks(7)) {
    const double x = across.Position(value);
    svg += Line(x, kHeight - kBottom, x, kHeight - kBottom + 4, "axis");
    svg += Text(x, kHeight - kBottom + 18, "middle", TickLabel(value, false));
  }
  svg += Line(kLeft, kHeight - kBottom, kWidth - kRight, kHeight - kBottom, "axis");
  return svg + Text((kLeft + kWidth - kRight) / 2, kHeight - 8, "middle", chart.x_label);
}

std::string Marks(const LineChart& chart, const Axis& across) {
  std::string svg;
  for (const auto& [x, meaning] : chart.marks) {
    const double position = across.Position(x);
    svg += "<g><title>" + EscapeHtml(meaning) + "</title>" +
           Line(position, kTop, position, kHeight - kBottom, "mark") + "</g>\n";
  }
  return svg;
}

std::string Curve(const LineChart& chart, const Axis& across, const Scale& up) {
  std::string svg = "<polyline class=\"curve " + chart.type + "\" points=\"";
  for (const auto& [x, y] : chart.points) {
    absl::StrAppendFormat(&svg, "%.1f,%.1f ", across.Position(x), up.Position(y));
  }
  return svg + "\"/>\n";
}

}  // namespace

std::string ToSvg(const LineChart& chart) {
  if (chart.points.empty()) return "";
  const Axis across = AcrossOf(chart);
  const Scale up(chart);
  return absl::StrFormat("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n", kWidth, kHeight) +
         absl::StrFormat("<text class=\"title\" x=\"%.0f\" y=\"18\">%s</text>\n", kLeft,
                         EscapeHtml(chart.title)) +
         Grid(chart, across, up) + Marks(chart, across) + Curve(chart, across, up) + "</svg>\n";
}

}  // namespace outerloop::client
