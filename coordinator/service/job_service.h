#ifndef OUTERLOOP_COORDINATOR_SERVICE_JOB_SERVICE_H_
#define OUTERLOOP_COORDINATOR_SERVICE_JOB_SERVICE_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/security/access.h"
#include "coordinator/security/limits.h"
#include "coordinator/service/board.h"
#include "coordinator/service/dataset_catalogue.h"
#include "coordinator/service/engine.h"
#include "coordinator/store/store.h"
#include "outerloop/v1/job_service.grpc.pb.h"

namespace outerloop::coordinator {

// Jobs, for clients (job_service.proto). Thread-safe. All arguments must outlive it.
class JobService final : public v1::JobService::CallbackService {
 public:
  JobService(Engine& engine, Board& board, DatasetCatalogue& catalogue, Store& store,
             const Access& access, const Limits& limits)
      : engine_(engine),
        board_(board),
        catalogue_(catalogue),
        store_(store),
        access_(access),
        job_limit_(JobLimit(limits)) {}

  grpc::ServerUnaryReactor* SubmitJob(grpc::CallbackServerContext* context,
                                      const v1::SubmitJobRequest* request,
                                      v1::SubmitJobResponse* response) override;
  grpc::ServerUnaryReactor* GetJob(grpc::CallbackServerContext* context,
                                   const v1::GetJobRequest* request,
                                   v1::GetJobResponse* response) override;
  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* context,
                                     const v1::ListJobsRequest* request,
                                     v1::ListJobsResponse* response) override;
  grpc::ServerUnaryReactor* CancelJob(grpc::CallbackServerContext* context,
                                      const v1::CancelJobRequest* request,
                                      v1::CancelJobResponse* response) override;
  grpc::ServerUnaryReactor* PauseJob(grpc::CallbackServerContext* context,
                                     const v1::PauseJobRequest* request,
                                     v1::PauseJobResponse* response) override;
  grpc::ServerUnaryReactor* ResumeJob(grpc::CallbackServerContext* context,
                                      const v1::ResumeJobRequest* request,
                                      v1::ResumeJobResponse* response) override;
  grpc::ServerUnaryReactor* SetJobPriority(grpc::CallbackServerContext* context,
                                           const v1::SetJobPriorityRequest* request,
                                           v1::SetJobPriorityResponse* response) override;
  grpc::ServerUnaryReactor* DeleteJob(grpc::CallbackServerContext* context,
                                      const v1::DeleteJobRequest* request,
                                      v1::DeleteJobResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchJobResponse>* WatchJob(
      grpc::CallbackServerContext* context, const v1::WatchJobRequest* request) override;
  grpc::ServerWriteReactor<v1::EvaluateJobResponse>* EvaluateJob(
      grpc::CallbackServerContext* context, const v1::EvaluateJobRequest* request) override;
  grpc::ServerUnaryReactor* ListWorkers(grpc::CallbackServerContext* context,
                                        const v1::ListWorkersRequest* request,
                                        v1::ListWorkersResponse* response) override;

 private:
  // What a request about a job comes to; `job_id` is of a job that is there.
  using DecideOnJob =
      std::function<absl::StatusOr<Decision>(const Core&, const std::string& job_id)>;
  // Answers a call with the job as it is once what `decide` says is durable; keeps `hold` so long.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* ActOnJob(grpc::CallbackServerContext* context, const Request& request,
                                     Response* response, DecideOnJob decide,
                                     DatasetCatalogue::Hold hold = nullptr);
  absl::StatusOr<JobRecord> MakeJob(const v1::SubmitJobRequest& request, const Caller& caller);
  absl::StatusOr<EvaluationRecord> MakeEvaluation(const v1::EvaluateJobRequest& request,
                                                  const Caller& caller);

  Engine& engine_;
  Board& board_;
  DatasetCatalogue& catalogue_;
  Store& store_;
  const Access& access_;
  const uint32_t job_limit_;  // Of an owner.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_JOB_SERVICE_H_
