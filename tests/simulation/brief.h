// Messages in a few words, for traces.
#ifndef OUTERLOOP_TESTS_SIMULATION_BRIEF_H_
#define OUTERLOOP_TESTS_SIMULATION_BRIEF_H_

#include <string>

#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::simulation {

std::string Brief(const v1::CoordinatorMessage& message);
std::string Brief(const v1::WorkerMessage& message);

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_BRIEF_H_
