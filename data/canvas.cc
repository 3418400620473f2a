#include "data/canvas.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace outerloop::data {
namespace {

double SquaredDistanceToLine(Point p, Point from, Point to) {
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  const double length2 = dx * dx + dy * dy;
  const double along = (p.x - from.x) * dx + (p.y - from.y) * dy;
  const double t = length2 > 0 ? std::clamp(along / length2, 0.0, 1.0) : 0.0;
  const double ex = from.x + t * dx - p.x;
  const double ey = from.y + t * dy - p.y;
  return ex * ex + ey * ey;
}

// The pixels from `low` to `high`, in pixels, that lie on the paper: [first, last).
struct PixelRange {
  PixelRange(double low, double high, uint32_t size)
      : first(static_cast<uint32_t>(std::clamp(low, 0.0, double(size)))),
        last(static_cast<uint32_t>(std::clamp(high + 1, 0.0, double(size)))) {}
  uint32_t first;
  uint32_t last;
};

}  // namespace

Canvas::Canvas(uint32_t size, double pen_radius)
    : size_(size),
      radius_(pen_radius * size),
      squared_distance_(size_t{size} * size, std::numeric_limits<double>::max()) {}

void Canvas::DrawLine(Point from, Point to) {
  from = {from.x * size_, from.y * size_};
  to = {to.x * size_, to.y * size_};
  const double reach = radius_ + 1;  // Pixels further away stay paper.
  const PixelRange rows(std::min(from.y, to.y) - reach, std::max(from.y, to.y) + reach, size_);
  const PixelRange columns(std::min(from.x, to.x) - reach, std::max(from.x, to.x) + reach, size_);
  for (uint32_t row = rows.first; row < rows.last; ++row) {
    for (uint32_t column = columns.first; column < columns.last; ++column) {
      double& nearest = squared_distance_[size_t{row} * size_ + column];
      nearest = std::min(nearest, SquaredDistanceToLine({column + 0.5, row + 0.5}, from, to));
    }
  }
}

std::vector<uint8_t> Canvas::Pixels() const {
  std::vector<uint8_t> pixels(squared_distance_.size());
  for (size_t i = 0; i < pixels.size(); ++i) {
    const double inside = radius_ + 0.5 - std::sqrt(squared_distance_[i]);
    pixels[i] = static_cast<uint8_t>(std::clamp(inside, 0.0, 1.0) * 255 + 0.5);
  }
  return pixels;
}

}  // namespace outerloop::data
