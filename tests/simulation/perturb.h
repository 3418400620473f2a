// Mutations of what passes between the parts of the service.
#ifndef OUTERLOOP_TESTS_SIMULATION_PERTURB_H_
#define OUTERLOOP_TESTS_SIMULATION_PERTURB_H_

#include "coordinator/core/core.h"
#include "coordinator/core/effects.h"
#include "coordinator/core/event.h"
#include "outerloop/v1/worker_service.pb.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/mutation.h"

namespace outerloop::simulation {

// Each does nothing but under the mutations that it stands for.
void Perturb(Mutation mutation, v1::CoordinatorMessage& message);
void Perturb(Mutation mutation, v1::WorkerMessage& message);
void Perturb(Mutation mutation, const coordinator::Core& core, coordinator::Event& event);
// What a restarted coordinator finds on its disk.
void Perturb(Mutation mutation, coordinator::Remembered& remembered);
// Whether the write is made.
bool IsKept(Mutation mutation, const Disk& disk, const coordinator::Write& write);
// Whether the state machine is told of the event.
bool Passes(Mutation mutation, const coordinator::Core& core, const coordinator::Event& event);

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_PERTURB_H_
