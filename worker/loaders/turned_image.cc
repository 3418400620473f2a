#include "worker/loaders/turned_image.h"

#include "absl/strings/str_cat.h"

namespace outerloop::worker {

absl::Status CheckTurns(uint32_t quarter_turns, const data::DatasetIndex& index) {
  if (quarter_turns > 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("rotation ", quarter_turns, "; allowed: 0 to 3 quarter turns"));
  }
  if (quarter_turns % 2 == 1 && index.height != index.width) {
    return absl::InvalidArgumentError(absl::StrCat("a quarter turn of images of ", index.height,
                                                   " x ", index.width, ", which are not square"));
  }
  return absl::OkStatus();
}

}  // namespace outerloop::worker
