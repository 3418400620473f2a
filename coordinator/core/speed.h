// How fast a worker computes.
#ifndef OUTERLOOP_COORDINATOR_CORE_SPEED_H_
#define OUTERLOOP_COORDINATOR_CORE_SPEED_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/core/dealing.h"

namespace outerloop::coordinator {

// An estimate of the time that one worker takes for a shard of one job, from what it reported. A
// worker's shards run side by side on its lanes (threads), so time is counted in rounds of lanes.
// Thread-compatible.
class Speed {
 public:
  // `lanes`: shards that it computes side by side, at least 1.
  explicit Speed(uint32_t lanes = 1) : lanes_(lanes) {}

  // It took `seconds` for `shards` of `job_id`. Another job's begin a new estimate; measurements
  // that say nothing (no shards, no time) are left out.
  void Measure(const std::string& job_id, uint32_t shards, double seconds);
  // It has not finished `shards` after `seconds`: it is at least that slow. Holds until it is
  // measured again, and for `kLowered` at most: a worker that gets no shards is never measured.
  void Lower(const std::string& job_id, uint32_t shards, double seconds, absl::Time now);

  uint32_t lanes() const { return lanes_; }
  // Of one shard on one lane; nothing if it is not known.
  std::optional<double> lane_seconds(const std::string& job_id, absl::Time now) const;
  // Until it has finished `shards`; nothing if it is not known.
  std::optional<double> Promise(const std::string& job_id, uint32_t shards, absl::Time now) const;

  static constexpr absl::Duration kLowered = absl::Seconds(30);

 private:
  double Rounds(uint32_t shards) const { return Pace{lanes_, 1.0}.Finish(shards); }

  uint32_t lanes_;
  std::string job_id_;
  double lane_seconds_ = 0;  // 0: not known.
  absl::Time forget_ = absl::InfiniteFuture();
};

// The members' paces in a job, to deal by. One that is not known is taken to be the median of those
// that are. Times within a tenth of each other become the same, so that equal machines are dealt
// equal shares whatever the noise.
std::vector<Pace> ToPaces(std::span<const Speed* const> members, const std::string& job_id,
                          absl::Time now);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_SPEED_H_
