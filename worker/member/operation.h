// What takes a worker time: the work that its control logic begins, and how that ends.
#ifndef OUTERLOOP_WORKER_MEMBER_OPERATION_H_
#define OUTERLOOP_WORKER_MEMBER_OPERATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "outerloop/v1/job_service.pb.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::worker {

// ---- Operations. Each is all or nothing: one that fails leaves the training state as it was.

// Makes the trainer of a job, unless it is there with its state, and the reducer of a group. A
// state from before the job was resumed is dropped.
struct Prepare {
  v1::JoinGroup join;
};

// Connects the reducer and takes over the state that the group starts from.
struct TakeState {
  v1::StartGroup start;
};

// Computes the shards, sums over the group, updates.
struct TakeStep {
  v1::StepPlan plan;
};

// Hands the state, which is of `step`, over to be stored as a checkpoint. Takes time only while
// earlier checkpoints wait.
struct KeepCheckpoint {
  std::string job_id;
  uint64_t generation = 0;
  uint64_t step = 0;
};

// Lets go of the group's reducer, so that peers who wait for it learn of it. Cannot fail. The
// trainer and its state stay.
struct CloseGroup {};

// Apart from all training.
struct ScoreShard {
  v1::EvaluateShard request;
};

using Operation =
    std::variant<Prepare, TakeState, TakeStep, KeepCheckpoint, CloseGroup, ScoreShard>;

// ---- Outcomes, in the order of the operations

struct Prepared {
  std::optional<uint64_t> held_step;  // Of the training state of this job, if there is one.
  std::string endpoint;               // As in Ready.
};

struct StateTaken {};

struct StepTaken {
  std::string parameters_sha256;  // 32 bytes; empty unless the plan asked for it.
  v1::StepMetrics metrics;        // Complete, `step` and `seconds` included.
  uint64_t tasks = 0;             // Computed here.
  double adapt_seconds = 0;       // That they took.
};

struct CheckpointKept {};

struct GroupClosed {};

struct ShardScored {
  std::vector<v1::ScoreSeries> series;
  std::vector<v1::EpisodeSample> samples = {};  // As in EvaluationShardDone.
};

// Of any operation, a cancelled one too. `cause` says who else would fail like this.
struct Failure {
  v1::GroupFailed::Cause cause = v1::GroupFailed::WORKER;
  std::string reason;
};

using Outcome = std::variant<Prepared, StateTaken, StepTaken, CheckpointKept, GroupClosed,
                             ShardScored, Failure>;

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_MEMBER_OPERATION_H_
