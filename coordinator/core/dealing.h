// Which member of a group computes which shards of a step.
#ifndef OUTERLOOP_COORDINATOR_CORE_DEALING_H_
#define OUTERLOOP_COORDINATOR_CORE_DEALING_H_

#include <cstdint>
#include <span>
#include <vector>

namespace outerloop::coordinator {

// How fast one member computes.
struct Pace {
  uint32_t lanes = 1;         // Shards that it computes side by side. At least 1.
  double lane_seconds = 1.0;  // For one shard on one lane. Finite and > 0.

  // Until it has computed `shards` of them.
  double Finish(uint32_t shards) const;
};

// Deals the shards 0 to `shards` - 1: one ascending list a member, some perhaps empty. Each shard
// goes to the member that will have finished it first; of equals to the one with the fewest, then
// to the lowest rank. So members of equal pace get shards in turn: shard i goes to rank i modulo
// their number. The result does not change a bit of what is computed. O((shards + members) log
// members).
std::vector<std::vector<uint32_t>> Deal(uint32_t shards, std::span<const Pace> members);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_DEALING_H_
