// A regression task as a picture within a page.
#ifndef OUTERLOOP_CLIENT_REPORT_CURVE_CHART_H_
#define OUTERLOOP_CLIENT_REPORT_CURVE_CHART_H_

#include <string>

#include "outerloop/v1/episode_sample.pb.h"

namespace outerloop::client {

// <svg>: the true curve through all points, those that were given, and what was predicted of the
// others, with two standard deviations to either side where there are any. Points that are not
// finite are left out; "" if none remain.
std::string CurveChart(const v1::RegressionSample& sample);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_REPORT_CURVE_CHART_H_
