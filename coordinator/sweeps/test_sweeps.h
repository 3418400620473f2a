// Sweeps for tests.
#ifndef OUTERLOOP_COORDINATOR_SWEEPS_TEST_SWEEPS_H_
#define OUTERLOOP_COORDINATOR_SWEEPS_TEST_SWEEPS_H_

#include <string>

#include "absl/time/time.h"
#include "coordinator/core/test_specs.h"
#include "coordinator/sweeps/complete_sweep.h"
#include "gtest/gtest.h"
#include "outerloop/v1/sweep.pb.h"

namespace outerloop::coordinator {

// Trials of 100 steps on the sinusoid that differ in their rate, as somebody would send them.
inline v1::SweepSpec GivenSweep(int trials) {
  v1::SweepSpec spec;
  spec.set_name("rates");
  spec.set_seed(7);
  for (int i = 0; i < trials; ++i) {
    v1::TrialSpec& trial = *spec.add_trials();
    *trial.mutable_job() = Parse(kSinusoid);
    trial.mutable_job()->mutable_meta_optimizer()->mutable_sgd()->set_rate(0.01 * (i + 1));
  }
  return spec;
}

inline v1::SweepSpec WithHalving(v1::SweepSpec spec, uint64_t first_steps, uint32_t reduction) {
  spec.mutable_halving()->set_first_steps(first_steps);
  spec.mutable_halving()->set_reduction(reduction);
  return spec;
}

inline v1::Sweep Begin(const v1::SweepSpec& given) {
  const absl::StatusOr<v1::SweepSpec> complete = CompleteSweep(given);
  EXPECT_TRUE(complete.ok()) << complete.status();
  return BeginSweep(complete.value_or(given), "sweep-x", "request-x", absl::UnixEpoch());
}

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SWEEPS_TEST_SWEEPS_H_
