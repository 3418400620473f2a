// A curve as a picture within a page.
#ifndef OUTERLOOP_CLIENT_REPORT_LINE_CHART_H_
#define OUTERLOOP_CLIENT_REPORT_LINE_CHART_H_

#include <string>
#include <utility>
#include <vector>

namespace outerloop::client {

struct LineChart {
  std::string title;
  std::string x_label;
  bool percent = false;      // Values are fractions, shown in percent.
  bool logarithmic = false;  // Equal ratios are equally far apart; all values are above 0.
  std::vector<std::pair<double, double>> points;      // By x, ascending; finite.
  std::vector<std::pair<double, std::string>> marks;  // Upright lines at x, with what they mean.
  std::string type = "accuracy";  // Its class, by which page_style.h gives it a colour.
};

// <svg>; "" if there are no points.
std::string ToSvg(const LineChart& chart);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_REPORT_LINE_CHART_H_
