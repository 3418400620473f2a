#include "client/report/line_chart.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "client/report/axis.h"
#include "client/report/html.h"

namespace outerloop::client {
namespace {

// In pixels of the picture.
constexpr double kWidth = 460, kHeight = 250;
constexpr double kLeft = 58, kRight = 12, kTop = 32, kBottom = 44;

Axis AcrossOf(const LineChart& chart) {
  return {0, chart.points.back().first, kLeft, kWidth - kRight};
}

// The whole of the curve, and the nearest of the values between which it can lie.
Axis UpOf(const LineChart& chart) {
  const auto [low, high] = std::minmax_element(
      chart.points.begin(), chart.points.end(),
      [](const auto& one, const auto& other) { return one.second < other.second; });
  const double top = chart.percent ? 1 : high->second;
  const double bottom = chart.percent ? low->second : std::min(0.0, low->second);
  return {bottom, top, kHeight - kBottom, kTop};
}

std::string Text(double x, double y, const char* anchor, const std::string& text) {
  return absl::StrFormat("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor,
                         EscapeHtml(text));
}

std::string Line(double x1, double y1, double x2, double y2, const char* type) {
  return absl::StrFormat("<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                         type, x1, y1, x2, y2);
}

std::string Grid(const LineChart& chart, const Axis& across, const Axis& up) {
  std::string svg;
  for (const double value : up.Ticks(6)) {
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

std::string Curve(const LineChart& chart, const Axis& across, const Axis& up) {
  std::string svg =
      "<polyline fill=\"none\" stroke-width=\"1.6\" stroke=\"" + chart.color + "\" points=\"";
  for (const auto& [x, y] : chart.points) {
    absl::StrAppendFormat(&svg, "%.1f,%.1f ", across.Position(x), up.Position(y));
  }
  return svg + "\"/>\n";
}

}  // namespace

std::string ToSvg(const LineChart& chart) {
  if (chart.points.empty()) return "";
  const Axis across = AcrossOf(chart);
  const Axis up = UpOf(chart);
  return absl::StrFormat("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n", kWidth, kHeight) +
         absl::StrFormat("<text class=\"title\" x=\"%.0f\" y=\"18\">%s</text>\n", kLeft,
                         EscapeHtml(chart.title)) +
         Grid(chart, across, up) + Marks(chart, across) + Curve(chart, across, up) + "</svg>\n";
}

}  // namespace outerloop::client
