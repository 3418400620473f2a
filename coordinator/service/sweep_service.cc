#include "coordinator/service/sweep_service.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/core/complete_spec.h"
#include "coordinator/core/identifier.h"
#include "coordinator/security/ownership.h"
#include "coordinator/service/board_stream.h"
#include "coordinator/service/find_job.h"
#include "coordinator/service/job_check.h"
#include "coordinator/sweeps/complete_sweep.h"

namespace outerloop::coordinator {
namespace {

absl::StatusOr<std::string> IdOf(const absl::StatusOr<v1::Sweep>& sweep) {
  if (!sweep.ok()) return sweep.status();
  return sweep->sweep_id();
}

}  // namespace

absl::Status SweepService::CheckTrial(v1::Sweep& sweep, int trial, const Caller& caller,
                                      std::vector<SweepController::Hold>& holds) {
  const v1::SweepSpec& spec = sweep.spec();
  const v1::JobSpec& job = spec.trials(trial).job();
  const absl::StatusOr<std::string> sha256 = CheckWithDataset(catalogue_, job, caller);
  if (!sha256.ok()) return InTrial(trial, sha256.status());
  sweep.mutable_trials(trial)->set_dataset_sha256(*sha256);
  ASSIGN_OR_RETURN(holds.emplace_back(), HoldDataset(catalogue_, *sha256));
  ASSIGN_OR_RETURN(const auto sampler, catalogue_.Sampler(job, *sha256));
  RETURN_IF_ERROR(
      sampler->Check(ScoredBy(spec, static_cast<uint32_t>(trial)), "objective.evaluation"));
  for (int i = 0; i < spec.evaluations_size(); ++i) {
    const std::string path = absl::StrCat("evaluations[", i, "]");
    ASSIGN_OR_RETURN(const v1::EvaluationSpec evaluation,
                     CompleteEvaluation(spec.evaluations(i), job, path));
    RETURN_IF_ERROR(sampler->Check(evaluation, path));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Sweep> SweepService::Submit(const v1::SubmitSweepRequest& request,
                                               const Caller& caller) {
  RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  ASSIGN_OR_RETURN(v1::SweepSpec spec, CompleteSweep(request.spec()));
  for (v1::TrialSpec& trial : *spec.mutable_trials()) {
    RETURN_IF_ERROR(GiveTo(caller, board_, *trial.mutable_job()));
  }
  v1::Sweep sweep = BeginSweep(spec, NewIdentifier("sweep-"),
                               RequestIdOf(caller, request.request_id()), absl::Now());
  std::vector<SweepController::Hold> holds;
  for (int i = 0; i < spec.trials_size(); ++i) RETURN_IF_ERROR(CheckTrial(sweep, i, caller, holds));
  return sweeps_.Submit(std::move(sweep), std::move(holds));
}

absl::StatusOr<std::string> SweepService::Delete(const v1::DeleteSweepRequest& request,
                                                 const Caller& caller) {
  RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  return sweeps_.Delete(caller, request.sweep_id(), RequestIdOf(caller, request.request_id()),
                        request.jobs());
}

v1::Sweep SweepService::Describe(v1::Sweep sweep) const {
  for (v1::Trial& trial : *sweep.mutable_trials()) {
    const Board::JobView job = FindJobById(board_, trial.job_id());
    if (job == nullptr) continue;
    trial.set_step(job->step());
    trial.set_job_state(job->state());
  }
  return sweep;
}

v1::Sweep SweepService::DescribeBriefly(v1::Sweep sweep) const {
  sweep.mutable_spec()->clear_trials();
  return Describe(std::move(sweep));
}

SweepBoard::View SweepService::Look(const std::string& sweep_id) const {
  absl::StatusOr<v1::Sweep> sweep = sweeps_.Find(Anybody(), sweep_id);
  if (!sweep.ok()) return nullptr;
  return std::make_shared<const v1::Sweep>(DescribeBriefly(*std::move(sweep)));
}

grpc::ServerUnaryReactor* SweepService::SubmitSweep(grpc::CallbackServerContext* context,
                                                    const v1::SubmitSweepRequest* request,
                                                    v1::SubmitSweepResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<v1::Sweep> sweep = Submit(*request, access_.CallerOf(*context));
  if (sweep.ok()) *response->mutable_sweep() = Describe(*std::move(sweep));
  reactor->Finish(ToGrpcStatus(sweep.status()));
  return reactor;
}

grpc::ServerUnaryReactor* SweepService::GetSweep(grpc::CallbackServerContext* context,
                                                 const v1::GetSweepRequest* request,
                                                 v1::GetSweepResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<v1::Sweep> sweep = sweeps_.Find(access_.CallerOf(*context), request->sweep_id());
  if (sweep.ok()) *response->mutable_sweep() = Describe(*std::move(sweep));
  reactor->Finish(ToGrpcStatus(sweep.status()));
  return reactor;
}

grpc::ServerUnaryReactor* SweepService::ListSweeps(grpc::CallbackServerContext* context,
                                                   const v1::ListSweepsRequest* request,
                                                   v1::ListSweepsResponse* response) {
  for (v1::Sweep& sweep : sweeps_.List(access_.CallerOf(*context))) {
    *response->add_sweeps() = DescribeBriefly(std::move(sweep));
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerUnaryReactor* SweepService::CancelSweep(grpc::CallbackServerContext* context,
                                                    const v1::CancelSweepRequest* request,
                                                    v1::CancelSweepResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<v1::Sweep> sweep = sweeps_.Cancel(access_.CallerOf(*context), request->sweep_id());
  if (sweep.ok()) *response->mutable_sweep() = Describe(*std::move(sweep));
  reactor->Finish(ToGrpcStatus(sweep.status()));
  return reactor;
}

grpc::ServerWriteReactor<v1::WatchSweepResponse>* SweepService::WatchSweep(
    grpc::CallbackServerContext* context, const v1::WatchSweepRequest* request) {
  using Stream = BoardStream<v1::WatchSweepResponse, SweepBoard>;
  auto* stream = new Stream(watched_, [](const v1::Sweep& sweep, v1::WatchSweepResponse* response) {
    *response->mutable_sweep() = sweep;
    return HasEnded(sweep.state()) ? Stream::Next::kSendLast : Stream::Next::kSend;
  });
  stream->FollowOrFail(IdOf(sweeps_.Find(access_.CallerOf(*context), request->sweep_id())));
  return stream;
}

grpc::ServerUnaryReactor* SweepService::DeleteSweep(grpc::CallbackServerContext* context,
                                                    const v1::DeleteSweepRequest* request,
                                                    v1::DeleteSweepResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const absl::StatusOr<std::string> deleted = Delete(*request, access_.CallerOf(*context));
  if (deleted.ok()) response->set_sweep_id(*deleted);
  reactor->Finish(ToGrpcStatus(deleted.status()));
  return reactor;
}

}  // namespace outerloop::coordinator
