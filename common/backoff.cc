#include "common/backoff.h"

#include <algorithm>

namespace outerloop {

Backoff::Backoff(const BackoffOptions& options, uint64_t seed)
    : options_(options), random_(seed, RandomPurpose::kBackoff, /*step=*/0, /*task=*/0) {
  Reset();
}

absl::Duration Backoff::Next() {
  const absl::Duration wait = mean_ * random_.Uniform(0.5, 1.5);
  mean_ = std::min(options_.maximum, mean_ * options_.multiplier);
  return wait;
}

void Backoff::Reset() { mean_ = std::min(options_.maximum, options_.initial); }

}  // namespace outerloop
