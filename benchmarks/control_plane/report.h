// Results for people and for programs.
#ifndef OUTERLOOP_BENCHMARKS_CONTROL_PLANE_REPORT_H_
#define OUTERLOOP_BENCHMARKS_CONTROL_PLANE_REPORT_H_

#include <string>
#include <vector>

#include "benchmarks/control_plane/experiment.h"

namespace outerloop::control_plane {

// A column a result, a line a quantity.
std::string ToTable(const std::vector<Result>& results);

// A list of objects; times in seconds, memory in bytes.
std::string ToJson(const std::vector<Result>& results);

}  // namespace outerloop::control_plane

#endif  // OUTERLOOP_BENCHMARKS_CONTROL_PLANE_REPORT_H_
