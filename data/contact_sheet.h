// Some images of a data set on one sheet.
#ifndef OUTERLOOP_DATA_CONTACT_SHEET_H_
#define OUTERLOOP_DATA_CONTACT_SHEET_H_

#include <cstdint>

#include "data/dataset_file.h"
#include "data/raster.h"

namespace outerloop::data {

struct ContactSheetOptions {
  uint32_t classes = 16;   // Rows at most, spread evenly over all classes.
  uint32_t examples = 10;  // Columns at most, the first of each class.
  uint32_t gap = 2;        // Grey pixels around images.
};

// A row for each class that is shown, an image beside the other. Channels other than 1 and 3 are
// shown by the first alone.
Raster MakeContactSheet(const DatasetView& dataset, const ContactSheetOptions& options);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_CONTACT_SHEET_H_
