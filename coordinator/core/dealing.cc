#include "coordinator/core/dealing.h"

#include <functional>
#include <queue>
#include <tuple>

namespace outerloop::coordinator {

double Pace::Finish(uint32_t shards) const { return lane_seconds * ((shards + lanes - 1) / lanes); }

std::vector<std::vector<uint32_t>> Deal(uint32_t shards, std::span<const Pace> members) {
  std::vector<std::vector<uint32_t>> dealt(members.size());
  // When it would have finished one more, how many it has, rank.
  using Turn = std::tuple<double, uint32_t, uint32_t>;
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns;
  for (uint32_t rank = 0; rank < members.size(); ++rank) {
    turns.emplace(members[rank].Finish(1), 0, rank);
  }
  for (uint32_t shard = 0; shard < shards && !turns.empty(); ++shard) {
    const auto [finish, has, rank] = turns.top();
    turns.pop();
    dealt[rank].push_back(shard);
    turns.emplace(members[rank].Finish(has + 2), has + 1, rank);
  }
  return dealt;
}

}  // namespace outerloop::coordinator
