// Means of independent values and how sure they are.
#ifndef OUTERLOOP_COMMON_MEAN_AND_INTERVAL_H_
#define OUTERLOOP_COMMON_MEAN_AND_INTERVAL_H_

#include <cstdint>
#include <span>

namespace outerloop {

struct MeanAndInterval {
  double mean = 0;
  double ci95 = 0;  // t(0.975, n - 1) * s / sqrt(n), s the sample standard deviation.
};

// Of at least one value, added in order, so that the bits depend on nothing else. The interval of a
// single one is not defined: NaN.
MeanAndInterval Summarise(std::span<const double> values);

// The quantile of Student's t distribution at 0.975: 95% lie between it and its negative.
// `degrees` >= 1.
double StudentT975(uint64_t degrees);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_MEAN_AND_INTERVAL_H_
