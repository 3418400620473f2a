// A seed stands for one run, whoever watches it.
#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "tests/simulation/mutation.h"
#include "tests/simulation/random.h"
#include "tests/simulation/world.h"

namespace outerloop::simulation {
namespace {

// Of a whole trace.
uint64_t Fingerprint(uint64_t seed) {
  uint64_t fingerprint = 0;
  const Verdict verdict = Simulate(seed, Mutation::kNone, [&](const std::string& line) {
    for (const char c : line) fingerprint = Mix(fingerprint, static_cast<uint64_t>(c));
  });
  EXPECT_EQ(verdict.violation, "") << "seed " << seed;
  return fingerprint;
}

TEST(Replay, TheSameSeedGivesTheSameRunEventByEvent) {
  for (uint64_t seed = 1001; seed <= 1010; ++seed) {
    EXPECT_EQ(Fingerprint(seed), Fingerprint(seed)) << "seed " << seed;
  }
  EXPECT_NE(Fingerprint(1001), Fingerprint(1002));
}

TEST(Replay, TracingChangesNothing) {
  const Verdict plain = Simulate(1003);
  const Verdict traced = Simulate(1003, Mutation::kNone, [](const std::string&) {});
  EXPECT_EQ(plain.counts.activity, traced.counts.activity);
  EXPECT_EQ(plain.counts.checks, traced.counts.checks);
}

}  // namespace
}  // namespace outerloop::simulation
