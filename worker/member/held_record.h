// What a worker can say about the training state in its memory.
#ifndef OUTERLOOP_WORKER_MEMBER_HELD_RECORD_H_
#define OUTERLOOP_WORKER_MEMBER_HELD_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>

#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::worker {

// The state's job and step, and the metrics of the steps that led to it: a coordinator that was
// killed may lack them. Thread-compatible.
class HeldRecord {
 public:
  // Of Hello.held. A coordinator has a step on record within a fraction of a second.
  static constexpr int kMaxRecent = 4096;

  // There is a state, taken over from elsewhere. What is known of the job's steps up to it stays,
  // unless the job was resumed since (`resumed_generation` as in JoinGroup).
  void Set(const std::string& job_id, uint64_t step, uint64_t resumed_generation = 0);
  // The state has come one step further. `parameters_sha256` is empty if none was taken.
  void Advance(const v1::StepMetrics& metrics, const std::string& parameters_sha256);
  // There is none any more.
  void Clear() { held_.reset(); }

  // The step of the state; nothing without one of this job.
  std::optional<uint64_t> StepOf(const std::string& job_id) const;

  // Without `generation` and `planned_step`. Nothing if there is no state.
  const std::optional<v1::HeldState>& proto() const { return held_; }

 private:
  // Forgets steps after `step`: they are to be computed again.
  void DropRecentAfter(uint64_t step);

  std::optional<v1::HeldState> held_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_MEMBER_HELD_RECORD_H_
