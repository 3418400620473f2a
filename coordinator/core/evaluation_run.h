// An evaluation while it is being worked on.
#ifndef OUTERLOOP_COORDINATOR_CORE_EVALUATION_RUN_H_
#define OUTERLOOP_COORDINATOR_CORE_EVALUATION_RUN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coordinator/core/event.h"
#include "coordinator/store/records.h"

namespace outerloop::coordinator {

// Deals the shards of an evaluation to whoever is free, and gathers their scores. A shard that was
// dealt to a lost worker is dealt again; a second answer for a shard is dropped (it is equal).
// Thread-compatible.
class EvaluationRun {
 public:
  // `tasks_per_shard` >= 1.
  EvaluationRun(EvaluationRecord record, uint32_t tasks_per_shard);

  const EvaluationRecord& record() const { return record_; }
  uint32_t shards() const { return shards_; }
  // The tasks of a shard: [first, last).
  std::pair<uint32_t, uint32_t> TasksOf(uint32_t shard) const;

  // The lowest shard that nobody has; nothing if there is none.
  std::optional<uint32_t> Deal(SessionId session);
  void TakeBack(SessionId session);  // All that it has.
  // How many shards `session` has.
  uint32_t Outstanding(SessionId session) const;
  // Whoever has some.
  uint32_t workers() const { return static_cast<uint32_t>(outstanding_.size()); }
  // How many nobody has.
  uint32_t waiting() const { return static_cast<uint32_t>(waiting_.size()); }
  // How many workers it may have.
  uint32_t share() const { return share_; }
  void SetShare(uint32_t workers) { share_ = workers; }
  // Whether anybody has one.
  bool is_dealt() const { return !dealt_.empty(); }

  // Whether scores are one a task in every series, and the series those of the other shards.
  bool Fits(const ScoresRecord& scores) const;
  // True if these scores were the last ones missing.
  bool Gather(ScoresRecord scores);
  // Keeps what a worker has sent of `shard` to be looked at, unless it is large or of other tasks
  // than the shard's that are among the first (common/protocol.h).
  void KeepSamples(uint32_t shard, const std::vector<v1::EpisodeSample>& samples);
  uint64_t tasks_done() const;
  // By shard. Complete after Gather has returned true.
  std::vector<ScoresRecord> scores() const;
  // By task.
  std::vector<SampleRecord> samples() const;

 private:
  // Nobody has this shard any more, if anybody had.
  void Release(uint32_t shard);

  const EvaluationRecord record_;
  const uint32_t tasks_per_shard_;
  const uint32_t shards_;
  uint32_t share_ = 0;
  std::set<uint32_t> waiting_;
  std::map<uint32_t, SessionId> dealt_;
  std::map<SessionId, uint32_t> outstanding_;  // How many of `dealt_` each has; no zeros.
  std::map<uint32_t, ScoresRecord> scores_;
  std::map<uint32_t, v1::EpisodeSample> samples_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_EVALUATION_RUN_H_
