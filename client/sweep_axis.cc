#include "client/sweep_axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

using Kind = SweepAxis::Kind;

constexpr std::array<std::pair<const char*, Kind>, 4> kKinds = {{{"values", Kind::kValues},
                                                                 {"uniform", Kind::kUniform},
                                                                 {"log_uniform", Kind::kLogUniform},
                                                                 {"integers", Kind::kIntegers}}};
constexpr char kAllowed[] =
    "one of values: [...], uniform: [LOW, HIGH], log_uniform: [LOW, HIGH], integers: [LOW, HIGH]";
// Whole numbers that a double and a 32-bit draw both have room for.
constexpr double kLargestInteger = 1e9;

YamlNode NumberNode(double number, const SweepAxis& axis) {
  YamlNode node = EmptyNode(YamlNode::Kind::kScalar, axis.place);
  node.scalar = absl::StrFormat("%.6g", number);
  double rounded = 0;
  if (!absl::SimpleAtod(node.scalar, &rounded) || rounded < axis.low || rounded > axis.high) {
    node.scalar = absl::StrFormat("%.17g", std::clamp(number, axis.low, axis.high));
  }
  return node;
}

YamlNode IntegerNode(uint64_t offset, const SweepAxis& axis) {
  YamlNode node = EmptyNode(YamlNode::Kind::kScalar, axis.place);
  node.scalar = absl::StrCat(static_cast<int64_t>(axis.low) + static_cast<int64_t>(offset));
  return node;
}

bool IsNumber(const YamlNode& node, double* number) {
  return node.kind == YamlNode::Kind::kScalar && absl::SimpleAtod(node.scalar, number) &&
         std::isfinite(*number);
}

// What is wrong with the bounds of a range; "" if nothing is.
std::string WhatIsWrong(const SweepAxis& axis) {
  if (axis.kind == Kind::kIntegers) {
    const bool whole = axis.low == std::floor(axis.low) && axis.high == std::floor(axis.high);
    if (!whole || std::max(std::abs(axis.low), std::abs(axis.high)) > kLargestInteger) {
      return "give whole numbers up to 1e9 in magnitude";
    }
    return axis.low <= axis.high ? "" : "give LOW <= HIGH";
  }
  if (axis.kind == Kind::kLogUniform && axis.low <= 0) return "give LOW > 0";
  return axis.low < axis.high ? "" : "give LOW < HIGH";
}

absl::Status ParseRange(const YamlNode& node, const std::string& path, SweepAxis& axis) {
  const bool is_pair = node.items.size() == 2 && IsNumber(node.items[0], &axis.low) &&
                       IsNumber(node.items[1], &axis.high);
  if (!is_pair) return YamlError(node.place, path, "give two numbers, [LOW, HIGH]");
  const std::string wrong = WhatIsWrong(axis);
  if (wrong.empty()) return absl::OkStatus();
  return YamlError(node.place, path, absl::StrCat(ToFlow(node), " is not allowed; ", wrong));
}

}  // namespace

absl::StatusOr<SweepAxis> ParseAxis(const std::string& path, const YamlNode& node) {
  const std::string axis_path = absl::StrCat("axes.", path);
  SweepAxis axis{.path = path, .values = {}, .place = node.place};
  if (node.kind != YamlNode::Kind::kMapping || node.entries.size() != 1) {
    return YamlError(node.place, axis_path, absl::StrCat("give ", kAllowed));
  }
  const auto& [name, value] = node.entries.front();
  const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                 [&name = name](const auto& known) { return name == known.first; });
  const std::string value_path = JoinPath(axis_path, name);
  if (kind == kKinds.end()) {
    return YamlError(value.place, value_path,
                     absl::StrCat("unknown kind of axis; give ", kAllowed));
  }
  axis.kind = kind->second;
  if (axis.kind != Kind::kValues) {
    RETURN_IF_ERROR(ParseRange(value, value_path, axis));
    return axis;
  }
  if (value.items.empty()) return YamlError(value.place, value_path, "give at least one value");
  axis.values = value.items;
  return axis;
}

YamlNode DrawValue(const SweepAxis& axis, RandomStream& random) {
  switch (axis.kind) {
    case Kind::kUniform:
      return NumberNode(random.Uniform(axis.low, axis.high), axis);
    case Kind::kLogUniform:
      return NumberNode(std::exp(random.Uniform(std::log(axis.low), std::log(axis.high))), axis);
    default:
      return ValueAt(axis, random.Below(static_cast<uint32_t>(CountValues(axis))));
  }
}

uint64_t CountValues(const SweepAxis& axis) {
  if (axis.kind == Kind::kValues) return axis.values.size();
  if (axis.kind == Kind::kIntegers) return static_cast<uint64_t>(axis.high - axis.low) + 1;
  return 0;
}

YamlNode ValueAt(const SweepAxis& axis, uint64_t i) {
  return axis.kind == Kind::kValues ? axis.values.at(i) : IntegerNode(i, axis);
}

}  // namespace outerloop::client
