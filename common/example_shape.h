// What an example is at some place of a network.
#ifndef OUTERLOOP_COMMON_EXAMPLE_SHAPE_H_
#define OUTERLOOP_COMMON_EXAMPLE_SHAPE_H_

#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

namespace outerloop {

// {channels, height, width} of an image, or {values}. All >= 1.
using ExampleShape = std::vector<int64_t>;

inline bool IsImage(const ExampleShape& shape) { return shape.size() == 3; }

// How many numbers an example is.
inline int64_t ValuesOf(const ExampleShape& shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_EXAMPLE_SHAPE_H_
