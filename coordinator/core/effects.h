// What the state machine wants done. Carried out at the edges (service/engine.h), in order.
#ifndef OUTERLOOP_COORDINATOR_CORE_EFFECTS_H_
#define OUTERLOOP_COORDINATOR_CORE_EFFECTS_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/core/event.h"
#include "coordinator/core/recovery.h"
#include "coordinator/store/records.h"

namespace outerloop::coordinator {

// ---- To be made durable

struct StepRecord {
  std::string job_id;
  v1::StepMetrics metrics;
};
// The record goes; the file may stay for another's sake.
struct CheckpointDropped {
  std::string job_id;
  uint64_t step = 0;
};
// The job's steps after `step`, and their losses, are as if they had never been.
struct StepsDropped {
  std::string job_id;
  uint64_t step = 0;
};
using Write = std::variant<JobRecord, CheckpointRecord, LossRecord, EvaluationRecord, ScoresRecord,
                           SampleRecord, EventRecord, StepRecord, CheckpointDropped, StepsDropped,
                           DeletionRecord>;

// ---- To be sent to a worker

struct SendJoinGroup {
  std::string job_id;
  uint64_t generation = 0;
  uint32_t rank = 0;
  uint32_t size = 0;
  v1::Reducer reducer = v1::COORDINATOR;  // Never AUTO.
};

// Where a group's training state comes from.
struct StartPoint {
  enum class Source { kInitial, kCheckpoint, kMember };
  Source source = Source::kInitial;
  uint64_t step = 0;              // Steps done in that state.
  std::string checkpoint_sha256;  // kCheckpoint.
  uint32_t rank = 0;              // kMember: who has it.

  bool operator==(const StartPoint&) const = default;
};

struct SendStartGroup {
  std::string job_id;
  uint64_t generation = 0;
  uint32_t rank = 0;
  uint32_t size = 0;
  StartPoint start;
  bool checkpoint = false;  // The member of rank 0 stores one of this state first.
  v1::Reducer reducer = v1::COORDINATOR;
  // The members' endpoints by rank, one list for all of them; null for COORDINATOR.
  std::shared_ptr<const std::vector<std::string>> endpoints;
};

// What one member does for one step.
struct SendStepPlan {
  std::string job_id;
  uint64_t generation = 0;
  uint64_t step = 0;
  std::vector<uint32_t> shards;  // Those it computes, ascending; may be empty.
  bool checkpoint = false;       // The member of rank 0 stores one after this step.
  bool digest = false;           // It reports the parameters' digest after this step.
};

struct SendLeaveGroup {
  std::string job_id;
  uint64_t generation = 0;
};

struct SendEvaluateShard {
  std::string evaluation_id;
  uint32_t shard = 0;
};

// End the session with this status.
struct CloseSession {
  absl::Status status;
};

struct Message {
  SessionId to = 0;
  std::variant<SendJoinGroup, SendStartGroup, SendStepPlan, SendLeaveGroup, SendEvaluateShard,
               CloseSession>
      content;
};

// All that follows from one event.
struct Effects {
  // Durable before any of `messages` is sent and before the event's sender is answered.
  std::vector<Write> writes;
  // Durable soon, and before anybody is shown them. They were written before `writes`.
  std::vector<Write> deferred_writes;
  std::vector<Message> messages;
  // Digests of files that have one record less to name them once `writes` are durable.
  std::vector<std::string> dropped_files;
  // Jobs, and the list of workers, that look different now.
  std::set<std::string> changed_jobs;
  bool workers_changed = false;
  // One line each, for the log.
  std::vector<std::string> log;
  // To be counted.
  std::vector<RecoveryCause> recoveries;  // Groups that had to form anew.
  uint32_t adoptions = 0;                 // Groups that went on as if nothing had happened.
  uint32_t digest_mismatches = 0;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_EFFECTS_H_
