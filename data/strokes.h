// A synthetic data set to be used like Omniglot, where Omniglot cannot be had.
#ifndef OUTERLOOP_DATA_STROKES_H_
#define OUTERLOOP_DATA_STROKES_H_

#include <cstdint>

#include "data/dataset_file.h"

namespace outerloop::data {

struct StrokesOptions {
  uint32_t classes = 1623;  // As many as Omniglot has.
  uint32_t examples = 20;   // Of each class.
  uint32_t size = 28;       // Pixels, height and width.
  uint64_t seed = 0;
};

// Every class is a character of one to three curved strokes; every example is drawn anew with its
// own jitter of the control points, slant, scale, shift and pen width. A function of the options
// alone. About two seconds for the default.
DatasetBuilder DrawStrokes(const StrokesOptions& options);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_STROKES_H_
