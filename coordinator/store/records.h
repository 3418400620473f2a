// What the coordinator remembers, as plain structs: the rows of its store.
#ifndef OUTERLOOP_COORDINATOR_STORE_RECORDS_H_
#define OUTERLOOP_COORDINATOR_STORE_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "outerloop/v1/dataset.pb.h"
#include "outerloop/v1/episode_sample.pb.h"
#include "outerloop/v1/evaluation.pb.h"
#include "outerloop/v1/event.pb.h"
#include "outerloop/v1/job.pb.h"
#include "outerloop/v1/job_service.pb.h"
#include "outerloop/v1/sweep.pb.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::coordinator {

// The training losses of steps that follow each other.
struct LossSum {
  double sum = 0;
  uint64_t steps = 0;  // Those that were not skipped.

  bool operator==(const LossSum&) const = default;
};

// A job. `spec` and the ids never change.
struct JobRecord {
  std::string job_id;
  std::string request_id;      // Of the SubmitJob that made it. Unique.
  v1::JobSpec spec;            // Complete.
  std::string dataset_sha256;  // Empty for the sinusoid.
  v1::JobState state = v1::QUEUED;
  std::string reason;
  uint64_t step = 0;              // Outer steps done.
  std::string parameters_sha256;  // After `step`, hexadecimal.
  uint64_t generation = 0;
  // The last generation before the job was resumed; 0 if it never was. What comes from generations
  // up to it is of no use any more.
  uint64_t resumed_generation = 0;
  // Ids of the PauseJobs, ResumeJobs and SetJobPriorities that took effect.
  std::vector<std::string> requests;
  bool pausing = false;  // It is to stand still, and does not yet.
  // It is PAUSED once it has done so many steps, until it is released (ReleaseRequested). 0: never.
  uint64_t hold_step = 0;
  LossSum losses;  // Of the steps since the last one that a checkpoint is due after.
  std::vector<std::string> members;  // Worker ids of the latest group.
  v1::Numerics numerics;             // Of its first group; `device` is empty before.
  bool reproducible = true;          // All its groups had these numerics.
  int32_t priority = 0;              // Now.
  absl::Time created = absl::InfinitePast();
  absl::Time started = absl::InfinitePast();  // InfinitePast: not yet.
  absl::Time finished = absl::InfinitePast();
};

inline bool IsFinal(v1::JobState state) {
  return state == v1::SUCCEEDED || state == v1::FAILED || state == v1::CANCELLED;
}

// A checkpoint of a job; (job_id, step) is unique. Its file is the blob `sha256`.
struct CheckpointRecord {
  std::string job_id;
  uint64_t step = 0;
  std::string sha256;
  uint64_t size_bytes = 0;
  std::string parameters_sha256;
  absl::Time created = absl::InfinitePast();
  // Of the steps since the last one that a checkpoint is due after. Nothing if one is due after
  // this.
  LossSum losses = {};
};

// What the steps since the checkpoint before cost: the mean training loss of the steps up to
// `step`, after which a checkpoint is due, since the last step with one. Infinite if all were
// skipped.
struct LossRecord {
  std::string job_id;
  uint64_t step = 0;
  double loss = 0;
};

// An evaluation of a checkpoint.
struct EvaluationRecord {
  std::string evaluation_id;
  std::string
      request_id;  // Unique. The evaluation's own id if the job's specification asks for it.
  std::string job_id;
  uint64_t step = 0;
  std::string checkpoint_sha256;
  std::string parameters_sha256;
  v1::EvaluationSpec spec;  // Complete.
  v1::EvaluationState state = v1::EVALUATION_PENDING;
  std::string reason;
  std::vector<v1::EvaluationResult> results;  // Empty until done.
  absl::Time created = absl::InfinitePast();

  bool is_of_specification() const { return request_id == evaluation_id; }
};

// Scores of one shard of an evaluation, as the worker sent them.
struct ScoresRecord {
  std::string evaluation_id;
  uint32_t shard = 0;
  std::vector<v1::ScoreSeries> series;
};

// One of the first tasks of an evaluation, to be looked at.
struct SampleRecord {
  std::string evaluation_id;
  v1::EpisodeSample sample;
};

// Something that happened to a job; (job_id, event.number()) is unique. The latest kEventsKept of a
// job are kept.
struct EventRecord {
  std::string job_id;
  v1::JobEvent event;
};
inline constexpr uint64_t kEventsKept = 1000;

// A job that is no more, and the DeleteJob that ended it.
struct DeletionRecord {
  std::string request_id;         // Unique.
  std::string job_id;             // Of the job, or the id of the sweep.
  std::string submit_request_id;  // Of the request that made it: not to be made again.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_STORE_RECORDS_H_
