#include "coordinator/service/job_check.h"

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/core/check_model.h"
#include "coordinator/security/ownership.h"
#include "coordinator/service/find_job.h"
#include "data/episode_kind.h"

namespace outerloop::coordinator {
namespace {

constexpr size_t kMaxRequestId = 128;

}  // namespace

absl::Status GiveTo(const Caller& caller, const Board& board, v1::JobSpec& spec) {
  const std::string owner = OwnerOfJob(caller, spec.queue().owner());
  if (owner != spec.queue().owner()) spec.mutable_queue()->set_owner(owner);
  if (!spec.has_start_from() || caller.role == Role::kAdmin) return absl::OkStatus();
  const auto parent = FindJob(board, caller, spec.start_from().job());
  if (!parent.ok()) {
    return absl::NotFoundError(absl::StrCat("start_from.job: ", parent.status().message()));
  }
  spec.mutable_start_from()->set_job((*parent)->job_id());
  return absl::OkStatus();
}

absl::StatusOr<std::string> CheckWithDataset(DatasetCatalogue& catalogue, const v1::JobSpec& spec,
                                             const Caller& caller) {
  std::string sha256;
  ExampleShape examples = {1};  // A point of a curve.
  if (!data::IsDrawnDataset(spec.dataset().name())) {
    absl::StatusOr<v1::Dataset> dataset = catalogue.Find(spec.dataset().name(), caller);
    if (absl::IsNotFound(dataset.status())) {
      return absl::NotFoundError(absl::StrCat("dataset.name: ", dataset.status().message()));
    }
    RETURN_IF_ERROR(dataset.status());
    sha256 = dataset->sha256();
    examples = {dataset->channels(), dataset->height(), dataset->width()};
  }
  RETURN_IF_ERROR(CheckModel(spec.model(), examples));
  RETURN_IF_ERROR(catalogue.Sampler(spec, sha256).status());
  return sha256;
}

absl::StatusOr<DatasetCatalogue::Hold> HoldDataset(DatasetCatalogue& catalogue,
                                                   const std::string& sha256) {
  if (sha256.empty()) return nullptr;
  return catalogue.HoldContent(sha256);
}

absl::Status CheckRequestId(const std::string& request_id) {
  if (!request_id.empty() && request_id.size() <= kMaxRequestId) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "request_id: give 1 to 128 characters, the same when the call "
      "is repeated");
}

}  // namespace outerloop::coordinator
