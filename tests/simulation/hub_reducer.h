// The worker's end of the `coordinator` reducer.
#ifndef OUTERLOOP_TESTS_SIMULATION_HUB_REDUCER_H_
#define OUTERLOOP_TESTS_SIMULATION_HUB_REDUCER_H_

#include <cstdint>
#include <memory>

#include "outerloop/v1/worker_service.pb.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/reducers.h"

namespace outerloop::simulation {

// Sends its words over a stream of its own to the coordinator, whose real hub adds them up. As
// worker/reducers/coordinator_reducer.h; a buffer is one chunk. Thread-compatible.
class HubReducer : public SimulatedReducer {
 public:
  HubReducer(Cluster& cluster, Link& link, Process& process, const v1::ReduceHeader& header);
  ~HubReducer() override;

  void AllReduce(const Words& words, Done done) override;

 private:
  void Send(const v1::ReduceChunk& chunk);

  struct Pending;  // The all-reduce that waits; outlives the reducer in closures.

  Cluster& cluster_;
  std::shared_ptr<Stream> stream_;  // Null: the coordinator was not there.
  std::shared_ptr<Pending> pending_;
  uint64_t next_round_ = 0;
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_HUB_REDUCER_H_
