// What the state machine is told. Plain values: nothing in them blocks, waits or refers to a
// socket.
#ifndef OUTERLOOP_COORDINATOR_CORE_EVENT_H_
#define OUTERLOOP_COORDINATOR_CORE_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "coordinator/store/records.h"
#include "outerloop/v1/job_service.pb.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::coordinator {

// One connection of a worker. Never used again: a worker that reconnects gets another.
using SessionId = uint64_t;

// A training state in a worker's memory.
struct Held {
  std::string job_id;
  uint64_t step = 0;
  std::vector<v1::StepMetrics> recent;  // Of the last steps up to `step`, ascending.
  // Of the started group that it is still a member of, and the last step that it has a plan of; 0
  // if there is no such group.
  uint64_t generation = 0;
  uint64_t planned_step = 0;
  std::string parameters_sha256 = {};  // After `step`, hexadecimal; empty if none was taken.
  uint64_t resumed_generation = 0;     // As in JobRecord, when the worker came by the state.
};

struct WorkerConnected {
  SessionId session = 0;
  std::string worker_id;
  std::string host;
  int64_t pid = 0;
  uint32_t threads = 0;
  v1::Numerics numerics;
  std::optional<Held> held;
  std::string name;                   // Stable over restarts of the process; never empty.
  std::vector<v1::Reducer> reducers;  // That it can take part in, beside COORDINATOR.
};

struct WorkerLost {
  SessionId session = 0;
};

// The worker wants to stop, at a step boundary.
struct WorkerLeaving {
  SessionId session = 0;
};

// What a worker is doing; comes four times a second from each.
struct HeartbeatReceived {
  SessionId session = 0;
  uint64_t progress = 0;  // Counts whatever it gets done.
  v1::Heartbeat::Phase phase = v1::Heartbeat::PHASE_UNSPECIFIED;
  uint64_t step = 0;  // That the phase belongs to, in ADAPT to CHECKPOINT.
};

// A job that is durable in state QUEUED, and its first event (job_event.h).
struct JobAdmitted {
  JobRecord job;
};

struct CancelRequested {
  std::string job_id;
  std::string by = {};  // Who asks, here and below; empty if that is not known.
};

// A job that has not ended is to stand still: at the next step boundary, with a checkpoint.
struct PauseRequested {
  std::string job_id;
  std::string request_id;
  std::string by = {};
};

// One that is paused, or is to be, goes on.
struct PauseEnded {
  std::string job_id;
  std::string request_id;
  std::string by = {};
};

// A job that is held goes on, to be held again after `hold_step`; 0: to its end.
struct ReleaseRequested {
  std::string job_id;
  std::string request_id;
  uint64_t hold_step = 0;
};

// A job that has not ended is to stand elsewhere in the queue.
struct PriorityChanged {
  std::string job_id;
  std::string request_id;
  int32_t priority = 0;
  std::string by = {};
};

// A job that has ended, and that nothing needs, is to be forgotten.
struct DeletionRequested {
  std::string job_id;
  std::string request_id;
};

// A sweep that has ended is to be forgotten, and with it these jobs, which have ended and which
// nothing needs.
struct SweepDeletionRequested {
  DeletionRecord sweep;
  std::vector<std::string> job_ids;
};

struct MemberReady {
  SessionId session = 0;
  std::string job_id;
  uint64_t generation = 0;
  std::optional<uint64_t> held_step;
  std::string endpoint = {};  // Where its reducer is reached, in the reducer's own format.
};

struct StepFinished {
  SessionId session = 0;
  std::string job_id;
  uint64_t generation = 0;
  std::string parameters_sha256;  // Hexadecimal; empty unless the plan asked for it.
  v1::StepMetrics metrics;
  uint64_t tasks = 0;        // Computed by this member,
  double adapt_seconds = 0;  // in this time.
};

// A member cannot go on in this generation.
struct MemberFailed {
  SessionId session = 0;
  std::string job_id;
  uint64_t generation = 0;
  std::string reason;
  v1::GroupFailed::Cause cause = v1::GroupFailed::JOB;
};

// A checkpoint whose file and record are durable.
struct CheckpointStored {
  CheckpointRecord checkpoint;
};

// A member has stored another checkpoint than the one that is there. Takes the place of
// CheckpointStored.
struct CheckpointDisputed {
  CheckpointRecord checkpoint;
  uint64_t generation = 0;        // The member's.
  std::string parameters_sha256;  // On record for that step.
};

// A job that has FAILED, was CANCELLED or is PAUSED goes on after `step`, of which it has a
// checkpoint; or which it began with.
struct ResumeRequested {
  std::string job_id;
  std::string request_id;
  uint64_t step = 0;
  std::string by = {};
};

// An evaluation that is durable in state PENDING.
struct EvaluationAdmitted {
  EvaluationRecord evaluation;
};

struct ShardScored {
  SessionId session = 0;
  ScoresRecord scores;
  std::vector<v1::EpisodeSample> samples = {};  // Of the shard's tasks.
};

struct ShardFailed {
  SessionId session = 0;
  std::string evaluation_id;
  uint32_t shard = 0;
  std::string reason;
};

// Time has passed.
struct Tick {};

using Event =
    std::variant<WorkerConnected, WorkerLost, WorkerLeaving, HeartbeatReceived, JobAdmitted,
                 CancelRequested, PauseRequested, PauseEnded, ReleaseRequested, PriorityChanged,
                 DeletionRequested, SweepDeletionRequested, MemberReady, StepFinished, MemberFailed,
                 CheckpointStored, CheckpointDisputed, ResumeRequested, EvaluationAdmitted,
                 ShardScored, ShardFailed, Tick>;

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_EVENT_H_
