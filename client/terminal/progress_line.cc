#include "client/terminal/progress_line.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/terminal/format.h"

namespace outerloop::client {
namespace {

constexpr int kNarrowestBar = 10;
constexpr int kWidestBar = 30;
constexpr int kBarStep = 5;

double Fraction(const ProgressLine& line) {
  return std::min(1.0, static_cast<double>(line.done) / static_cast<double>(line.total));
}

std::string Bar(double fraction, int width) {
  const int filled = static_cast<int>(fraction * width);
  std::string bar(filled, '=');
  if (filled < width) bar += '>';
  bar.resize(width, ' ');
  return absl::StrCat("[", bar, "]");
}

// Everything behind the bar.
std::string Rest(const ProgressLine& line, size_t fields) {
  std::string rest;
  if (line.total > 0) {
    // Rounded down: 100% is said when it is done.
    rest = absl::StrFormat(" %3d%%", static_cast<int>(100 * Fraction(line)));
  }
  if (!line.count.empty()) absl::StrAppend(&rest, "  ", line.count);
  for (size_t i = 0; i < fields; ++i) absl::StrAppend(&rest, "  ", line.fields[i]);
  return rest;
}

}  // namespace

std::string RenderBar(const ProgressLine& line, int columns) {
  size_t fields = line.fields.size();
  const int label = static_cast<int>(DisplayWidth(line.label));
  const auto room = [&] {  // Left for the bar, its brackets and a space.
    return columns - label - static_cast<int>(DisplayWidth(Rest(line, fields))) - 3;
  };
  const int wanted = line.total > 0 ? kNarrowestBar : -3;
  while (fields > 0 && room() < wanted) --fields;
  std::string bar;
  if (line.total > 0) {
    // In steps, so that it does not jump with each digit behind it.
    const int width = std::clamp(room() / kBarStep * kBarStep, kNarrowestBar, kWidestBar);
    bar = absl::StrCat(" ", Bar(Fraction(line), width));
  }
  return CutToWidth(absl::StrCat(line.label, bar, Rest(line, fields)), std::max(columns, 0));
}

std::string RenderPlain(const ProgressLine& line) {
  return absl::StrCat(line.label, Rest(line, line.fields.size()));
}

}  // namespace outerloop::client
