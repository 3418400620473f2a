// How many workers the jobs call for.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_WORKER_DEMAND_H_
#define OUTERLOOP_COORDINATOR_SERVICE_WORKER_DEMAND_H_

#include <cstdint>
#include <vector>

#include "coordinator/service/board.h"

namespace outerloop::coordinator {

struct WorkerDemand {
  // That could work at the same time: what an autoscaler may scale on.
  uint64_t useful = 0;
  // That must be connected so that no job waits for ever: the largest minimum of those that wait.
  uint64_t required = 0;
};

// Workers that could work on this job at the same time: as many as a step has shards and
// `workers.max` allows, `workers.min` at least; one for an evaluation of a job that has ended; none
// if there is nothing to do.
uint64_t UsefulWorkers(const v1::Job& job);

// Of all jobs together.
WorkerDemand DemandOf(const std::vector<Board::JobView>& jobs);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_WORKER_DEMAND_H_
