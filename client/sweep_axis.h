// One thing that a sweep tries values of.
#ifndef OUTERLOOP_CLIENT_SWEEP_AXIS_H_
#define OUTERLOOP_CLIENT_SWEEP_AXIS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/yaml_tree.h"
#include "common/philox.h"

namespace outerloop::client {

struct SweepAxis {
  enum class Kind {
    kValues,      // One of `values`.
    kUniform,     // A number between `low` and `high`,
    kLogUniform,  // or one whose logarithm is uniform between theirs,
    kIntegers,    // or a whole number from `low` to `high`.
  };
  std::string path;  // Of a field of the job, as for ApplyOverride.
  Kind kind = Kind::kValues;
  std::vector<YamlNode> values;  // Not empty, of kValues.
  double low = 0, high = 0;      // Of the others.
  std::string place;             // Where it was written.
};

// The axis of `path` as a sweep file says it, one of
//   {values: [1, 2]}   {uniform: [LOW, HIGH]}   {log_uniform: [LOW, HIGH]}   {integers: [LOW,
//   HIGH]}
// INVALID_ARGUMENT with place and path, e.g. of no values or LOW > HIGH.
absl::StatusOr<SweepAxis> ParseAxis(const std::string& path, const YamlNode& node);

// A value of the axis at random. Numbers have six digits, and lie within the bounds.
YamlNode DrawValue(const SweepAxis& axis, RandomStream& random);

// How many values the axis has in a grid; 0 if it has no end of them.
uint64_t CountValues(const SweepAxis& axis);
// The i-th of them.
YamlNode ValueAt(const SweepAxis& axis, uint64_t i);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_SWEEP_AXIS_H_
