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
};

struct WorkerConnected {
  SessionId session = 0;
  std::string worker_id;
  std::string host;
  int64_t pid = 0;
  uint32_t threads = 0;
  v1::Numerics numerics;
  std::optional<Held> held;
};

struct WorkerLost {
  SessionId session = 0;
};

// A job that is durable in state QUEUED.
struct JobAdmitted {
  JobRecord job;
};

struct CancelRequested {
  std::string job_id;
};

struct MemberReady {
  SessionId session = 0;
  std::string job_id;
  uint64_t generation = 0;
  std::optional<uint64_t> held_step;
};

struct StepFinished {
  SessionId session = 0;
  std::string job_id;
  uint64_t generation = 0;
  std::string parameters_sha256;
  v1::StepMetrics metrics;
};

// The group cannot go on, and would fail again in the same way.
struct MemberFailed {
  SessionId session = 0;
  std::string job_id;
  uint64_t generation = 0;
  std::string reason;
};

// A checkpoint whose file and record are durable.
struct CheckpointStored {
  CheckpointRecord checkpoint;
};

// An evaluation that is durable in state PENDING.
struct EvaluationAdmitted {
  EvaluationRecord evaluation;
};

struct ShardScored {
  SessionId session = 0;
  ScoresRecord scores;
};

struct ShardFailed {
  SessionId session = 0;
  std::string evaluation_id;
  uint32_t shard = 0;
  std::string reason;
};

// Time has passed.
struct Tick {};

using Event = std::variant<WorkerConnected, WorkerLost, JobAdmitted, CancelRequested, MemberReady,
                           StepFinished, MemberFailed, CheckpointStored, EvaluationAdmitted,
                           ShardScored, ShardFailed, Tick>;

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_EVENT_H_
