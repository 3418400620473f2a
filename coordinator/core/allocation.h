// How many workers each job gets: one pure decision over the whole queue.
#ifndef OUTERLOOP_COORDINATOR_CORE_ALLOCATION_H_
#define OUTERLOOP_COORDINATOR_CORE_ALLOCATION_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace outerloop::coordinator {

// Workers that no job tells apart are of one kind. How many of each kind; all of one length.
using Headcount = std::vector<uint32_t>;

uint32_t Total(const Headcount& workers);

// A training or an evaluation that could do with workers.
struct Demand {
  std::string owner;
  int32_t priority = 0;  // Higher ones go first.
  uint32_t min = 1;      // It does not run with fewer. At least 1.
  uint32_t max = 1;      // At least `min`.
  Headcount has;         // What it runs with now; all zero if it waits.
  // Sets of kinds that can work together, best first; its workers all are of one of them.
  std::vector<std::vector<size_t>> choices;
};

// What a demand gets.
struct Share {
  // Why it gets nothing.
  enum class Want {
    kNothing,  // It gets at least its minimum.
    kWorkers,  // Those that there are go to others, or are too few.
    kQuota,    // Its owner would have more than the quota.
  };
  Headcount workers;  // Its minimum or more; all zero if it has to wait.
  Want want = Want::kNothing;
};

constexpr uint32_t kNoQuota = std::numeric_limits<uint32_t>::max();

// The shares of `demands`, which are in order of submission, of the workers that there are: those
// that are free and those that a demand has. No owner gets more than `quota`.
//
// 1. Every demand gets its minimum before any gets more: higher priorities first; among equals
//    those that run, so that nobody is interrupted for an equal; then the owner with the fewest
//    workers so far; then in order of submission.
// 2. Whoever runs with more than its minimum keeps what is left of it.
// 3. Workers that are left go to those that have their minimum, up to their maximum, one by one:
//    to the highest priority; of equals to the owner with the fewest workers, to the smallest
//    share, in order of submission.
//
// So shares change only if somebody's minimum is at stake or workers are free: where nothing has
// changed, the shares are what the demands have. A demand that has workers has one choice.
// O((workers + owners) x demands) at most; O(owners x demands) where nothing has changed.
std::vector<Share> Allocate(std::span<const Demand> demands, Headcount workers,
                            uint32_t quota = kNoQuota);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_ALLOCATION_H_
