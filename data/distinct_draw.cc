#include "data/distinct_draw.h"

#include <cassert>

namespace outerloop::data {

uint32_t DistinctDraw::Next(RandomStream& random) {
  assert(drawn_ < n_);
  const uint32_t position = drawn_ + random.Below(n_ - drawn_);
  const uint32_t number = At(position);
  // Swaps it with the first that is not drawn yet; that place is never looked at again.
  moved_[position] = At(drawn_);
  moved_.erase(drawn_);
  ++drawn_;
  return number;
}

uint32_t DistinctDraw::At(uint32_t position) const {
  const auto found = moved_.find(position);
  return found == moved_.end() ? position : found->second;
}

}  // namespace outerloop::data
