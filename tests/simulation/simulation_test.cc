// A sample of what `make simulate` runs; and that the simulator can fail.
#include <cstdint>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/simulation/mutation.h"
#include "tests/simulation/random.h"
#include "tests/simulation/world.h"

namespace outerloop::simulation {
namespace {

constexpr uint64_t kSchedules = 300;

// Of a whole trace.
uint64_t Fingerprint(uint64_t seed) {
  uint64_t fingerprint = 0;
  const Verdict verdict = Simulate(seed, Mutation::kNone, [&](const std::string& line) {
    for (const char c : line) fingerprint = Mix(fingerprint, static_cast<uint64_t>(c));
  });
  EXPECT_EQ(verdict.violation, "") << "seed " << seed;
  return fingerprint;
}

TEST(Simulation, EveryInvariantHoldsInEverySchedule) {
  for (uint64_t seed = 1; seed <= kSchedules; ++seed) {
    const Verdict verdict = Simulate(seed);
    EXPECT_EQ(verdict.violation, "") << "replay: simulate --seed " << seed << " --trace";
  }
}

TEST(Simulation, TheSameSeedGivesTheSameRunEventByEvent) {
  for (uint64_t seed = 1001; seed <= 1010; ++seed) {
    EXPECT_EQ(Fingerprint(seed), Fingerprint(seed)) << "seed " << seed;
  }
  EXPECT_NE(Fingerprint(1001), Fingerprint(1002));
}

TEST(Simulation, TracingChangesNothing) {
  const Verdict plain = Simulate(1003);
  const Verdict traced = Simulate(1003, Mutation::kNone, [](const std::string&) {});
  EXPECT_EQ(plain.counts.activity, traced.counts.activity);
  EXPECT_EQ(plain.counts.checks, traced.counts.checks);
}

class SimulationTeeth : public testing::TestWithParam<MutationName> {};

TEST_P(SimulationTeeth, CatchTheMutation) {
  for (uint64_t seed = 1; seed <= kSchedules; ++seed) {
    if (!Simulate(seed, GetParam().mutation).violation.empty()) return;
  }
  FAIL() << GetParam().name << " goes unnoticed in " << kSchedules << " schedules";
}

INSTANTIATE_TEST_SUITE_P(Mutations, SimulationTeeth, testing::ValuesIn(kMutations),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace outerloop::simulation
