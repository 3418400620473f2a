#include "coordinator/service/job_service.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/core/complete_spec.h"
#include "coordinator/core/identifier.h"
#include "coordinator/core/requests.h"
#include "coordinator/core/select_checkpoint.h"
#include "coordinator/security/ownership.h"
#include "coordinator/service/board_stream.h"
#include "coordinator/service/find_job.h"
#include "coordinator/service/job_check.h"

namespace outerloop::coordinator {
namespace {

// Steps of one watch message at most.
constexpr size_t kStepsPerMessage = 1000;

grpc::ServerUnaryReactor* FinishWith(grpc::CallbackServerContext* context,
                                     const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

// Ends a call with the job as it is once the request is durable. Until then, the board does not
// show yet that the job needs its data set: `hold` does.
template <typename Response>
Engine::Done AnswerWithJob(const Board& board, grpc::ServerUnaryReactor* reactor,
                           Response* response, DatasetCatalogue::Hold hold = nullptr) {
  return [&board, reactor, response, hold](const absl::StatusOr<std::string>& job_id) {
    if (job_id.ok()) *response->mutable_job() = *board.Find(*job_id);
    reactor->Finish(ToGrpcStatus(job_id.status()));
  };
}

// What a worker does for a job that the caller may not see is not told.
void HideJob(const Board& board, const Caller& caller, v1::WorkerStatus& worker) {
  const Board::JobView job = board.Find(worker.job_id());
  if (job != nullptr && !MaySee(caller, *job)) worker.clear_job_id();
}

const v1::Evaluation* FindEvaluation(const v1::Job& job, const std::string& evaluation_id) {
  for (const v1::Evaluation& evaluation : job.evaluations()) {
    if (evaluation.evaluation_id() == evaluation_id) return &evaluation;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<JobRecord> JobService::MakeJob(const v1::SubmitJobRequest& request,
                                              const Caller& caller) {
  RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  JobRecord job;
  ASSIGN_OR_RETURN(job.spec, CompleteSpec(request.spec()));
  RETURN_IF_ERROR(GiveTo(caller, board_, job.spec));
  ASSIGN_OR_RETURN(job.dataset_sha256, CheckWithDataset(catalogue_, job.spec, caller));
  job.job_id = NewIdentifier("job-");
  job.request_id = RequestIdOf(caller, request.request_id());
  job.created = absl::Now();
  return job;
}

grpc::ServerUnaryReactor* JobService::SubmitJob(grpc::CallbackServerContext* context,
                                                const v1::SubmitJobRequest* request,
                                                v1::SubmitJobResponse* response) {
  absl::StatusOr<JobRecord> job = MakeJob(*request, access_.CallerOf(*context));
  if (!job.ok()) return FinishWith(context, job.status());
  absl::StatusOr<DatasetCatalogue::Hold> hold = HoldDataset(catalogue_, job->dataset_sha256);
  if (!hold.ok()) return FinishWith(context, hold.status());
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  engine_.Request([this, job = *std::move(job)](
                      const Core& core) { return DecideSubmit(core, job, job_limit_); },
                  AnswerWithJob(board_, reactor, response, *std::move(hold)));
  return reactor;
}

grpc::ServerUnaryReactor* JobService::GetJob(grpc::CallbackServerContext* context,
                                             const v1::GetJobRequest* request,
                                             v1::GetJobResponse* response) {
  const absl::StatusOr<Board::JobView> job =
      FindJob(board_, access_.CallerOf(*context), request->job_id());
  if (job.ok()) *response->mutable_job() = **job;
  return FinishWith(context, job.status());
}

grpc::ServerUnaryReactor* JobService::ListJobs(grpc::CallbackServerContext* context,
                                               const v1::ListJobsRequest* request,
                                               v1::ListJobsResponse* response) {
  for (const Board::JobView& job : JobsOf(board_, access_.CallerOf(*context))) {
    *response->add_jobs() = *job;
  }
  return FinishWith(context, absl::OkStatus());
}

template <typename Request, typename Response>
grpc::ServerUnaryReactor* JobService::ActOnJob(grpc::CallbackServerContext* context,
                                               const Request& request, Response* response,
                                               DecideOnJob decide, DatasetCatalogue::Hold hold) {
  if (absl::Status valid = CheckRequestId(request.request_id()); !valid.ok()) {
    return FinishWith(context, valid);
  }
  const Caller caller = access_.CallerOf(*context);
  const auto job = FindJob(board_, caller, request.job_id());
  if (!job.ok()) return FinishWith(context, job.status());
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  engine_.Request(
      [job_id = (*job)->job_id(), who = caller.name,
       decide = std::move(decide)](const Core& core) -> absl::StatusOr<Decision> {
        if (core.FindJob(job_id) != nullptr) return AskedBy(who, decide(core, job_id));
        return absl::NotFoundError(absl::StrCat("job ", job_id, " was deleted"));
      },
      AnswerWithJob(board_, reactor, response, std::move(hold)));
  return reactor;
}

grpc::ServerUnaryReactor* JobService::CancelJob(grpc::CallbackServerContext* context,
                                                const v1::CancelJobRequest* request,
                                                v1::CancelJobResponse* response) {
  return ActOnJob(context, *request, response, [](const Core& core, const std::string& job_id) {
    return DecideCancel(core, job_id);
  });
}

grpc::ServerUnaryReactor* JobService::PauseJob(grpc::CallbackServerContext* context,
                                               const v1::PauseJobRequest* request,
                                               v1::PauseJobResponse* response) {
  return ActOnJob(
      context, *request, response,
      [request_id = request->request_id()](const Core& core, const std::string& job_id) {
        return DecidePause(core, job_id, request_id);
      });
}

grpc::ServerUnaryReactor* JobService::ResumeJob(grpc::CallbackServerContext* context,
                                                const v1::ResumeJobRequest* request,
                                                v1::ResumeJobResponse* response) {
  const auto job = FindJob(board_, access_.CallerOf(*context), request->job_id());
  if (!job.ok()) return FinishWith(context, job.status());
  absl::StatusOr<DatasetCatalogue::Hold> hold = HoldDataset(catalogue_, (*job)->dataset_sha256());
  if (!hold.ok()) return FinishWith(context, hold.status());
  const auto step = request->has_step() ? std::make_optional(request->step()) : std::nullopt;
  return ActOnJob(
      context, *request, response,
      [request_id = request->request_id(), step](const Core& core, const std::string& job_id) {
        return DecideResume(core, job_id, request_id, step);
      },
      *std::move(hold));
}

grpc::ServerUnaryReactor* JobService::SetJobPriority(grpc::CallbackServerContext* context,
                                                     const v1::SetJobPriorityRequest* request,
                                                     v1::SetJobPriorityResponse* response) {
  return ActOnJob(context, *request, response,
                  [request_id = request->request_id(), priority = request->priority()](
                      const Core& core, const std::string& job_id) {
                    return DecidePriority(core, job_id, request_id, priority);
                  });
}

grpc::ServerUnaryReactor* JobService::DeleteJob(grpc::CallbackServerContext* context,
                                                const v1::DeleteJobRequest* request,
                                                v1::DeleteJobResponse* response) {
  if (absl::Status valid = CheckRequestId(request->request_id()); !valid.ok()) {
    return FinishWith(context, valid);
  }
  const Caller caller = access_.CallerOf(*context);
  const auto job = FindJob(board_, caller, request->job_id());
  const std::string job_id = job.ok() ? (*job)->job_id() : "";
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  engine_.Request(
      [job_id, request_id = RequestIdOf(caller, request->request_id()),
       known = job.status()](const Core& core) -> absl::StatusOr<Decision> {
        // A repeat comes when the job is gone.
        if (!known.ok() && core.FindDeletion(request_id) == nullptr) return known;
        return DecideDeletion(core, job_id, request_id);
      },
      [reactor, response](const absl::StatusOr<std::string>& deleted) {
        if (deleted.ok()) response->set_job_id(*deleted);
        reactor->Finish(ToGrpcStatus(deleted.status()));
      });
  return reactor;
}

grpc::ServerWriteReactor<v1::WatchJobResponse>* JobService::WatchJob(
    grpc::CallbackServerContext* context, const v1::WatchJobRequest* request) {
  using Stream = BoardStream<v1::WatchJobResponse>;
  auto fill = [this, cursor = request->after_step()](
                  const v1::Job& job,
                  v1::WatchJobResponse* response) mutable -> absl::StatusOr<Stream::Next> {
    ASSIGN_OR_RETURN(const std::vector<v1::StepMetrics> steps,
                     store_.Steps(job.job_id(), cursor, kStepsPerMessage));
    *response->mutable_job() = job;
    for (const v1::StepMetrics& step : steps) *response->add_steps() = step;
    if (!steps.empty()) cursor = steps.back().step();
    if (steps.size() == kStepsPerMessage) return Stream::Next::kSendMore;
    return IsFinal(job.state()) ? Stream::Next::kSendLast : Stream::Next::kSend;
  };
  auto* stream = new Stream(board_, std::move(fill));
  stream->FollowOrFail(FindJobId(board_, access_.CallerOf(*context), request->job_id()));
  return stream;
}

absl::StatusOr<EvaluationRecord> JobService::MakeEvaluation(const v1::EvaluateJobRequest& request,
                                                            const Caller& caller) {
  RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  ASSIGN_OR_RETURN(const Board::JobView job, FindJob(board_, caller, request.job_id()));
  ASSIGN_OR_RETURN(const std::vector<CheckpointRecord> checkpoints,
                   store_.Checkpoints(job->job_id()));
  const auto step = request.has_step() ? std::make_optional(request.step()) : std::nullopt;
  ASSIGN_OR_RETURN(const CheckpointRecord checkpoint, SelectCheckpoint(checkpoints, step));
  EvaluationRecord evaluation;
  ASSIGN_OR_RETURN(evaluation.spec, CompleteEvaluation(request.spec(), job->spec(), "spec"));
  ASSIGN_OR_RETURN(const auto sampler, catalogue_.Sampler(job->spec(), job->dataset_sha256()));
  RETURN_IF_ERROR(sampler->Check(evaluation.spec, "spec"));
  evaluation.evaluation_id = NewIdentifier("evaluation-");
  evaluation.request_id = RequestIdOf(caller, request.request_id());
  evaluation.job_id = job->job_id();
  evaluation.step = checkpoint.step;
  evaluation.checkpoint_sha256 = checkpoint.sha256;
  evaluation.parameters_sha256 = checkpoint.parameters_sha256;
  evaluation.created = absl::Now();
  return evaluation;
}

grpc::ServerWriteReactor<v1::EvaluateJobResponse>* JobService::EvaluateJob(
    grpc::CallbackServerContext* context, const v1::EvaluateJobRequest* request) {
  using Stream = BoardStream<v1::EvaluateJobResponse>;
  // The id is known before the stream follows the job, so before `fill` is called.
  auto id = std::make_shared<std::string>();
  auto fill = [id](const v1::Job& job,
                   v1::EvaluateJobResponse* response) -> absl::StatusOr<Stream::Next> {
    const v1::Evaluation* evaluation = FindEvaluation(job, *id);
    if (evaluation == nullptr) return Stream::Next::kSkip;
    *response->mutable_evaluation() = *evaluation;
    return evaluation->state() == v1::EVALUATION_PENDING ? Stream::Next::kSend
                                                         : Stream::Next::kSendLast;
  };
  auto* stream = new Stream(board_, std::move(fill));
  absl::StatusOr<EvaluationRecord> evaluation =
      MakeEvaluation(*request, access_.CallerOf(*context));
  if (!evaluation.ok()) {
    stream->Fail(evaluation.status());
    return stream;
  }
  const std::string job_id = evaluation->job_id;
  absl::StatusOr<DatasetCatalogue::Hold> hold =
      HoldDataset(catalogue_, board_.Find(job_id)->dataset_sha256());
  if (!hold.ok()) {
    stream->Fail(hold.status());
    return stream;
  }
  engine_.Request([evaluation = *std::move(evaluation)](
                      const Core& core) { return DecideEvaluation(core, evaluation); },
                  [stream, id, job_id, hold](absl::StatusOr<std::string> evaluation_id) {
                    if (!evaluation_id.ok()) return stream->Fail(evaluation_id.status());
                    *id = *std::move(evaluation_id);
                    stream->Follow(job_id);
                  });
  return stream;
}

grpc::ServerUnaryReactor* JobService::ListWorkers(grpc::CallbackServerContext* context,
                                                  const v1::ListWorkersRequest* request,
                                                  v1::ListWorkersResponse* response) {
  const Caller caller = access_.CallerOf(*context);
  for (v1::WorkerStatus& worker : board_.Workers()) {
    HideJob(board_, caller, worker);
    *response->add_workers() = std::move(worker);
  }
  return FinishWith(context, absl::OkStatus());
}

}  // namespace outerloop::coordinator
