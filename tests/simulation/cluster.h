// What the parts of a simulated cluster share.
#ifndef OUTERLOOP_TESTS_SIMULATION_CLUSTER_H_
#define OUTERLOOP_TESTS_SIMULATION_CLUSTER_H_

#include "absl/time/time.h"
#include "tests/simulation/counts.h"
#include "tests/simulation/mutation.h"
#include "tests/simulation/network.h"
#include "tests/simulation/random.h"
#include "tests/simulation/reducers.h"
#include "tests/simulation/referee.h"
#include "tests/simulation/timeline.h"
#include "tests/simulation/trace.h"

namespace outerloop::simulation {

class CoordinatorProcess;

// As worker/session.h has it.
inline constexpr absl::Duration kHeartbeat = absl::Milliseconds(250);

// Owned by World (world.h), which outlives all that has a reference.
struct Cluster {
  Timeline& timeline;
  Trace& trace;
  Random& random;
  Counts& counts;
  Referee& referee;
  PeerNetwork& peers;
  CoordinatorProcess& coordinator;
  Mutation mutation;
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_CLUSTER_H_
