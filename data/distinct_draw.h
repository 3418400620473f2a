// Drawing without replacement.
#ifndef OUTERLOOP_DATA_DISTINCT_DRAW_H_
#define OUTERLOOP_DATA_DISTINCT_DRAW_H_

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "common/philox.h"

namespace outerloop::data {

// The numbers 0 .. n-1 in random order, one at a time, by a Fisher-Yates shuffle that is carried
// only as far as it is asked for (Durstenfeld, "Algorithm 235", CACM 1964). The k-th number does
// not depend on how many are drawn after it. Memory grows with the draws, not with n.
// Thread-compatible.
class DistinctDraw {
 public:
  explicit DistinctDraw(uint32_t n) : n_(n) {}

  // The next number, uniform over those not drawn yet. At most n calls.
  uint32_t Next(RandomStream& random);

 private:
  // What stands at `position` of the partly shuffled sequence.
  uint32_t At(uint32_t position) const;

  const uint32_t n_;
  uint32_t drawn_ = 0;
  absl::flat_hash_map<uint32_t, uint32_t> moved_;  // By position, where it is not itself.
};

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_DISTINCT_DRAW_H_
