// One simulated run: a cluster, its clients and its faults, all from one seed.
#ifndef OUTERLOOP_TESTS_SIMULATION_WORLD_H_
#define OUTERLOOP_TESTS_SIMULATION_WORLD_H_

#include <cstdint>
#include <string>

#include "tests/simulation/counts.h"
#include "tests/simulation/mutation.h"
#include "tests/simulation/trace.h"

namespace outerloop::simulation {

// What a run came to.
struct Verdict {
  std::string violation;  // Empty: every invariant held, and every job ended as it should.
  Counts counts;
};

// Depends on the arguments alone: the same seed gives the same run, event by event. `sink` gets the
// trace, if it is not null. Safe to call from several threads at a time.
Verdict Simulate(uint64_t seed, Mutation mutation = Mutation::kNone, Trace::Sink sink = nullptr);

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_WORLD_H_
