#include "coordinator/core/start_from.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/core/complete_fields.h"
#include "coordinator/core/field_checks.h"
#include "coordinator/core/select_checkpoint.h"
#include "data/episode_kind.h"

namespace outerloop::coordinator {
namespace {

absl::StatusOr<CheckpointRecord> Select(const Job& parent, const v1::StartFrom& start) {
  const auto step = start.has_step() ? std::make_optional(start.step()) : std::nullopt;
  absl::StatusOr<CheckpointRecord> checkpoint = SelectCheckpoint(parent.checkpoints, step);
  if (checkpoint.ok()) return checkpoint;
  return absl::Status(checkpoint.status().code(),
                      absl::StrCat("start_from.step: ", checkpoint.status().message()));
}

// As they stand, or with defaults for fields that `parent` is older than. `parent` gets these.
bool IsSameModel(const v1::Model& model, v1::Model& parent) {
  if (model.SerializeAsString() == parent.SerializeAsString()) return true;
  return CompleteFields("model", parent).ok() &&
         model.SerializeAsString() == parent.SerializeAsString();
}

// The same tensors, whose meaning is the same: the last layer has a unit a way.
absl::Status CheckSameModel(const v1::JobSpec& spec, const v1::JobSpec& parent) {
  v1::Model model = parent.model();
  if (!IsSameModel(spec.model(), model)) {
    return Refuse("model", "another model than that of start_from.job",
                  absl::StrCat("{", model.ShortDebugString(), "}"));
  }
  if (spec.episode().kind_case() != parent.episode().kind_case()) {
    return Refuse("episode", "another kind of task than that of start_from.job",
                  data::KindOf(parent.episode()));
  }
  const uint32_t ways = parent.episode().classification().ways();
  if (spec.episode().classification().ways() == ways) return absl::OkStatus();
  return Refuse("episode.classification.ways", absl::StrCat(spec.episode().classification().ways()),
                absl::StrCat(ways, ", as start_from.job has"));
}

absl::Status CheckLeavesSteps(const v1::JobSpec& spec, uint64_t start) {
  if (spec.training().steps() > start) return absl::OkStatus();
  return Refuse("training.steps", absl::StrCat(spec.training().steps()),
                absl::StrCat("more than ", start, ", the step that start_from begins with"));
}

}  // namespace

absl::Status CompleteStartFrom(const Core& core, JobRecord& job) {
  if (!job.spec.has_start_from()) return absl::OkStatus();
  v1::StartFrom& start = *job.spec.mutable_start_from();
  const Job* parent = core.FindJob(start.job());
  if (parent == nullptr) {
    return absl::NotFoundError(absl::StrCat("start_from.job: there is no job ", Quote(start.job()),
                                            "; `outerloop list` shows those there are"));
  }
  ASSIGN_OR_RETURN(const CheckpointRecord checkpoint, Select(*parent, start));
  RETURN_IF_ERROR(CheckSameModel(job.spec, parent->record.spec));
  RETURN_IF_ERROR(CheckLeavesSteps(job.spec, checkpoint.step));
  if (!start.checkpoint_sha256().empty() && start.checkpoint_sha256() != checkpoint.sha256) {
    return Refuse("start_from.checkpoint_sha256", Quote(start.checkpoint_sha256()),
                  absl::StrCat("nothing, or ", checkpoint.sha256));
  }
  start.set_job(parent->record.job_id);
  start.set_step(checkpoint.step);
  start.set_checkpoint_sha256(checkpoint.sha256);
  job.step = checkpoint.step;
  job.parameters_sha256 = checkpoint.parameters_sha256;
  return absl::OkStatus();
}

}  // namespace outerloop::coordinator
