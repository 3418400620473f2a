// Numbers on the axis of a chart.
#ifndef OUTERLOOP_CLIENT_REPORT_AXIS_H_
#define OUTERLOOP_CLIENT_REPORT_AXIS_H_

#include <cstddef>
#include <string>
#include <vector>

namespace outerloop::client {

// A linear scale from values to positions.
class Axis {
 public:
  // `low` goes to `from`, `high` to `to`. If the values are one, they are spread a little.
  Axis(double low, double high, double from, double to);

  double Position(double value) const;

  // Round values (1, 2 or 5 times a power of ten apart) from `low` to `high`, at most `most` >= 2.
  std::vector<double> Ticks(int most) const;

 private:
  double low_;
  double high_;
  double from_;
  double to_;
};

// Values from `low` > 0 to `high` that are 1, 2 or 5 times a power of ten; powers of ten alone if
// there are more than `most`.
std::vector<double> LogarithmicTicks(double low, double high, size_t most);

// "0.05", "12,000", "90 %" (of 0.9, if `percent`).
std::string TickLabel(double value, bool percent);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_REPORT_AXIS_H_
