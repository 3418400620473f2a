// Drawing with a round pen.
#ifndef OUTERLOOP_DATA_CANVAS_H_
#define OUTERLOOP_DATA_CANVAS_H_

#include <cstdint>
#include <vector>

namespace outerloop::data {

// On the unit square: (0, 0) is the top left corner of the paper, (1, 1) the bottom right one.
struct Point {
  double x = 0;
  double y = 0;
};

// A square sheet of paper on which a round pen draws straight lines. Uses + - * / and sqrt alone,
// so a drawing has the same pixels on every machine. Thread-compatible.
class Canvas {
 public:
  // `size` pixels in height and width; `pen_radius` on the unit square, > 0.
  Canvas(uint32_t size, double pen_radius);

  // Lines may leave the paper.
  void DrawLine(Point from, Point to);

  // [size, size]: 255 where there is ink, 0 on paper; edges of lines are smooth over one pixel.
  std::vector<uint8_t> Pixels() const;

 private:
  const uint32_t size_;
  const double radius_;                   // Pixels.
  std::vector<double> squared_distance_;  // [size, size], of pixel centres to the nearest line.
};

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_CANVAS_H_
