// What was counted in simulated runs.
#ifndef OUTERLOOP_TESTS_SIMULATION_COUNTS_H_
#define OUTERLOOP_TESTS_SIMULATION_COUNTS_H_

#include <cstdint>
#include <map>
#include <string>

namespace outerloop::simulation {

// By name. Names are given where things are counted and shown as they are.
struct Counts {
  std::map<std::string, uint64_t> faults;    // That have happened.
  std::map<std::string, uint64_t> checks;    // Of invariants, all passed.
  std::map<std::string, uint64_t> activity;  // Of the cluster.

  void Add(const Counts& other) {
    for (const auto& [name, count] : other.faults) faults[name] += count;
    for (const auto& [name, count] : other.checks) checks[name] += count;
    for (const auto& [name, count] : other.activity) activity[name] += count;
  }
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_COUNTS_H_
