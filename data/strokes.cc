#include "data/strokes.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/philox.h"
#include "data/canvas.h"

namespace outerloop::data {
namespace {

using Stroke = std::vector<Point>;  // Points that the pen passes through, 2 to 6.
using Character = std::vector<Stroke>;

constexpr int kLinesBetweenPoints = 6;
constexpr double kExtent = 0.68;  // Of a character's longer side, on the unit square.

double Between(double low, double high, RandomStream& random) {
  return low + (high - low) * random.Uniform();
}

double SquaredDistance(Point a, Point b) {
  return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

// Uniform over the largest disc on the paper.
Point AnyPoint(RandomStream& random) {
  for (;;) {
    const double x = random.Uniform();
    const Point point = {x, random.Uniform()};
    if (SquaredDistance(point, {0.5, 0.5}) < 0.25) return point;
  }
}

// Whether the way from a over b to c turns by more than 135 degrees.
bool TurnsBack(Point a, Point b, Point c) {
  const double cosine = (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y);  // Not normalised.
  return cosine < 0 && 2 * cosine * cosine > SquaredDistance(a, b) * SquaredDistance(b, c);
}

// A point at a good distance from the last one, and not sharply back, so that strokes are round and
// do not clot. From anywhere on the disc there are such points.
Point NextPoint(const Stroke& stroke, RandomStream& random) {
  for (;;) {
    const Point point = AnyPoint(random);
    const double distance = SquaredDistance(point, stroke.back());
    if (distance < 0.06 || distance > 0.4) continue;
    if (stroke.size() > 1 && TurnsBack(stroke[stroke.size() - 2], stroke.back(), point)) continue;
    return point;
  }
}

Stroke NewStroke(Point start, uint32_t points, RandomStream& random) {
  Stroke stroke = {start};
  while (stroke.size() < points) stroke.push_back(NextPoint(stroke, random));
  return stroke;
}

// Half of the strokes after the first start from a point of the first.
Point NextStart(const Stroke& first, RandomStream& random) {
  if (random.Below(2) == 0) return AnyPoint(random);
  return first[random.Below(static_cast<uint32_t>(first.size()))];
}

// Moves a character to the middle of the paper and gives it its extent.
void Fit(Character& character) {
  Point low{1, 1}, high{0, 0};
  for (const Stroke& stroke : character) {
    for (const Point& p : stroke) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  }
  const double scale = kExtent / std::max(high.x - low.x, high.y - low.y);
  for (Stroke& stroke : character) {
    for (Point& p : stroke) {
      p.x = 0.5 + (p.x - (low.x + high.x) / 2) * scale;
      p.y = 0.5 + (p.y - (low.y + high.y) / 2) * scale;
    }
  }
}

// The first stroke has 3 to 5 points, or 4 to 6 if it is the only one; the others have 2 or 3.
Character NewCharacter(RandomStream& random) {
  const uint32_t strokes = 1 + random.Below(3);
  const uint32_t points = (strokes == 1 ? 4 : 3) + random.Below(3);
  const Point start = AnyPoint(random);
  Character character = {NewStroke(start, points, random)};
  while (character.size() < strokes) {
    const Point next = NextStart(character.front(), random);
    const uint32_t next_points = 2 + random.Below(2);
    character.push_back(NewStroke(next, next_points, random));
  }
  Fit(character);
  return character;
}

// How one example differs from its character as a whole: a slant, a turn and a scale, about the
// middle of the paper, then a shift.
class Hand {
 public:
  explicit Hand(RandomStream& random) {
    const double wide = Between(0.8, 1.15, random);
    const double high = Between(0.8, 1.15, random);
    const double slant = Between(-0.25, 0.25, random);
    const double half = Between(-0.07, 0.07, random);  // Tangent of half the turn.
    const double cosine = (1 - half * half) / (1 + half * half);
    const double sine = 2 * half / (1 + half * half);
    xx_ = cosine * wide;
    xy_ = cosine * slant - sine * high;
    yx_ = sine * wide;
    yy_ = sine * slant + cosine * high;
    shift_ = {Between(-0.06, 0.06, random), 0};
    shift_.y = Between(-0.06, 0.06, random);
  }

  Point Move(Point p) const {
    const double x = p.x - 0.5;
    const double y = p.y - 0.5;
    return {0.5 + xx_ * x + xy_ * y + shift_.x, 0.5 + yx_ * x + yy_ * y + shift_.y};
  }

 private:
  double xx_, xy_, yx_, yy_;
  Point shift_;
};

Stroke Jitter(const Stroke& stroke, RandomStream& random) {
  constexpr double kJitter = 0.045;
  Stroke moved = stroke;
  for (Point& p : moved) {
    p.x += Between(-kJitter, kJitter, random);
    p.y += Between(-kJitter, kJitter, random);
  }
  return moved;
}

// Between p1 and p2 on the curve through p0, p1, p2, p3, 0 <= t <= 1 (Catmull & Rom 1974, "A class
// of local interpolating splines", with tension 1/2).
double CatmullRom(double p0, double p1, double p2, double p3, double t) {
  const double a = 3 * (p1 - p2) + p3 - p0;
  const double b = 2 * p0 - 5 * p1 + 4 * p2 - p3;
  return p1 + t * ((p2 - p0) + t * (b + t * a)) / 2;
}

void Draw(const Stroke& stroke, Canvas& canvas) {
  Point from = stroke.front();
  const size_t last = stroke.size() - 1;
  for (size_t i = 0; i < last; ++i) {
    const Point p0 = stroke[i == 0 ? 0 : i - 1], p1 = stroke[i], p2 = stroke[i + 1];
    const Point p3 = stroke[std::min(i + 2, last)];
    for (int k = 1; k <= kLinesBetweenPoints; ++k) {
      const double t = double(k) / kLinesBetweenPoints;
      const Point to = {CatmullRom(p0.x, p1.x, p2.x, p3.x, t),
                        CatmullRom(p0.y, p1.y, p2.y, p3.y, t)};
      canvas.DrawLine(from, to);
      from = to;
    }
  }
}

std::vector<uint8_t> DrawExample(const Character& character, uint32_t size, RandomStream& random) {
  const Hand hand(random);
  Canvas canvas(size, /*pen_radius=*/Between(0.018, 0.032, random));
  for (const Stroke& stroke : character) {
    Stroke drawn = Jitter(stroke, random);
    for (Point& p : drawn) p = hand.Move(p);
    Draw(drawn, canvas);
  }
  return canvas.Pixels();
}

}  // namespace

DatasetBuilder DrawStrokes(const StrokesOptions& options) {
  DatasetBuilder builder(/*channels=*/1, options.size, options.size);
  for (uint32_t c = 0; c < options.classes; ++c) {
    // Task 0 of a class's stream is its character, task e + 1 its example e.
    RandomStream character_random(options.seed, RandomPurpose::kStrokes, c, 0);
    const Character character = NewCharacter(character_random);
    builder.AddClass(absl::StrFormat("character%04d", c + 1), "strokes");
    for (uint32_t e = 0; e < options.examples; ++e) {
      RandomStream random(options.seed, RandomPurpose::kStrokes, c, e + 1);
      builder.AddImage(DrawExample(character, options.size, random));
    }
  }
  return builder;
}

}  // namespace outerloop::data
