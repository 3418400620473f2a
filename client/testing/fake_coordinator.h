// A coordinator in memory, with faults on demand, for tests of clients.
#ifndef OUTERLOOP_CLIENT_TESTING_FAKE_COORDINATOR_H_
#define OUTERLOOP_CLIENT_TESTING_FAKE_COORDINATOR_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "grpcpp/server.h"
#include "outerloop/v1/artifact_service.grpc.pb.h"
#include "outerloop/v1/dataset_service.grpc.pb.h"
#include "outerloop/v1/evaluation_service.grpc.pb.h"
#include "outerloop/v1/event_service.grpc.pb.h"
#include "outerloop/v1/job_service.grpc.pb.h"
#include "outerloop/v1/sweep_service.grpc.pb.h"

namespace outerloop::client {

// Serves in-process and on a free port of localhost until destroyed. Thread-safe.
class FakeCoordinator final : public v1::JobService::Service,
                              public v1::DatasetService::Service,
                              public v1::ArtifactService::Service,
                              public v1::EvaluationService::Service,
                              public v1::EventService::Service,
                              public v1::SweepService::Service {
 public:
  FakeCoordinator();
  ~FakeCoordinator() override;

  std::shared_ptr<grpc::Channel> InProcessChannel();
  const std::string& address() const { return address_; }

  // What is there. A watched job sends its steps one by one, then itself; if it has not ended, the
  // stream then stays open.
  void AddJob(const v1::Job& job);
  void AddWorker(const v1::WorkerStatus& worker);
  // EvaluateJob sends those of its job and those of none, in order.
  void AddEvaluation(const v1::Evaluation& evaluation);
  // The pages of an evaluation's scores. Page n ends with task `next_task`, and the next begins
  // there.
  void AddScores(const std::string& evaluation_id,
                 const std::vector<v1::ListScoresResponse>& pages);
  // Of any evaluation.
  void SetEpisodeSamples(const v1::ListEpisodeSamplesResponse& samples);
  // As a coordinator of an earlier version, which does not know that call.
  void RefuseEpisodeSamples();
  // Of every job. A watch sends them one by one, as a watched job its steps.
  void AddEvent(const v1::JobEvent& event);
  // The only sweep there is, as it looks one after the other: each message of a watch has the next
  // view, also over streams.
  void AddSweepView(const v1::Sweep& sweep);
  void SetArtifact(const v1::Artifact& artifact, const std::string& content);

  // The next `calls` fail with UNAVAILABLE before they have an effect; after it.
  void FailNext(int calls);
  void LoseNextAnswers(int calls);
  // The next streams end with UNAVAILABLE, each after so many messages; those after them do not.
  void BreakStreamsAfter(std::vector<int> messages);
  // Watches begin so many steps too early.
  void RepeatSteps(uint64_t steps);

  // So many answers say that another import sends the same file.
  void SayUploadsAreBusy(int answers);
  // What is kept of a file that has not come whole.
  void SetPartialUpload(const std::string& sha256, const std::string& content);

  // What its health service says. At first: it serves.
  void SetServing(bool serving);

  // What has been asked for.
  std::vector<std::string> request_ids() const;
  std::vector<uint64_t> watched_after() const;
  std::vector<std::string> watched_sweeps() const;
  v1::DeleteSweepRequest last_sweep_deletion() const;
  std::map<std::string, std::string> uploads() const;  // Name to content.
  int jobs() const;
  v1::EvaluateJobRequest last_evaluation() const;
  v1::ResumeJobRequest last_resume() const;

 private:
  using Context = grpc::ServerContext;

  grpc::Status SubmitJob(Context*, const v1::SubmitJobRequest*, v1::SubmitJobResponse*) override;
  grpc::Status GetJob(Context*, const v1::GetJobRequest*, v1::GetJobResponse*) override;
  grpc::Status ListJobs(Context*, const v1::ListJobsRequest*, v1::ListJobsResponse*) override;
  grpc::Status CancelJob(Context*, const v1::CancelJobRequest*, v1::CancelJobResponse*) override;
  grpc::Status PauseJob(Context*, const v1::PauseJobRequest*, v1::PauseJobResponse*) override;
  grpc::Status SetJobPriority(Context*, const v1::SetJobPriorityRequest*,
                              v1::SetJobPriorityResponse*) override;
  grpc::Status DeleteJob(Context*, const v1::DeleteJobRequest*, v1::DeleteJobResponse*) override;
  grpc::Status ResumeJob(Context*, const v1::ResumeJobRequest*, v1::ResumeJobResponse*) override;
  grpc::Status WatchJob(Context*, const v1::WatchJobRequest*,
                        grpc::ServerWriter<v1::WatchJobResponse>*) override;
  grpc::Status EvaluateJob(Context*, const v1::EvaluateJobRequest*,
                           grpc::ServerWriter<v1::EvaluateJobResponse>*) override;
  grpc::Status ListWorkers(Context*, const v1::ListWorkersRequest*,
                           v1::ListWorkersResponse*) override;
  grpc::Status ImportDataset(Context*, grpc::ServerReader<v1::ImportDatasetRequest>*,
                             v1::ImportDatasetResponse*) override;
  grpc::Status GetUpload(Context*, const v1::GetUploadRequest*, v1::GetUploadResponse*) override;
  grpc::Status ExportDataset(Context*, const v1::ExportDatasetRequest*,
                             grpc::ServerWriter<v1::ExportDatasetResponse>*) override;
  grpc::Status RemoveDataset(Context*, const v1::RemoveDatasetRequest*,
                             v1::RemoveDatasetResponse*) override;
  grpc::Status GetDataset(Context*, const v1::GetDatasetRequest*, v1::GetDatasetResponse*) override;
  grpc::Status ListDatasets(Context*, const v1::ListDatasetsRequest*,
                            v1::ListDatasetsResponse*) override;
  grpc::Status ListArtifacts(Context*, const v1::ListArtifactsRequest*,
                             v1::ListArtifactsResponse*) override;
  grpc::Status DownloadArtifact(Context*, const v1::DownloadArtifactRequest*,
                                grpc::ServerWriter<v1::DownloadArtifactResponse>*) override;

  grpc::Status WatchSweep(Context*, const v1::WatchSweepRequest*,
                          grpc::ServerWriter<v1::WatchSweepResponse>*) override;
  grpc::Status DeleteSweep(Context*, const v1::DeleteSweepRequest*,
                           v1::DeleteSweepResponse*) override;

  grpc::Status ListScores(Context*, const v1::ListScoresRequest*, v1::ListScoresResponse*) override;
  grpc::Status ListEpisodeSamples(Context*, const v1::ListEpisodeSamplesRequest*,
                                  v1::ListEpisodeSamplesResponse*) override;

  grpc::Status ListEvents(Context*, const v1::ListEventsRequest*, v1::ListEventsResponse*) override;
  grpc::Status WatchEvents(Context*, const v1::WatchEventsRequest*,
                           grpc::ServerWriter<v1::WatchEventsResponse>*) override;

  // UNAVAILABLE if the next call is to fail, or its answer to be lost.
  grpc::Status Begin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  grpc::Status End() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Messages that the next stream may send; a great many if it is not to break.
  int TakeStreamLimit();
  grpc::Status FindJob(const std::string& name, v1::Job* job) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::vector<v1::Job> jobs_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, v1::Job> submitted_ ABSL_GUARDED_BY(mutex_);  // By request id.
  std::vector<v1::WorkerStatus> workers_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::Evaluation> evaluations_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::Dataset> datasets_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> uploads_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::JobEvent> events_ ABSL_GUARDED_BY(mutex_);
  // By evaluation and first task.
  std::map<std::pair<std::string, uint32_t>, v1::ListScoresResponse> scores_
      ABSL_GUARDED_BY(mutex_);
  std::optional<v1::ListEpisodeSamplesResponse> samples_ ABSL_GUARDED_BY(mutex_) =
      v1::ListEpisodeSamplesResponse();  // Nothing if they are refused.
  std::map<std::string, std::string> partial_uploads_ ABSL_GUARDED_BY(mutex_);  // By digest.
  int busy_uploads_ ABSL_GUARDED_BY(mutex_) = 0;
  v1::Artifact artifact_ ABSL_GUARDED_BY(mutex_);
  std::string content_ ABSL_GUARDED_BY(mutex_);
  v1::EvaluateJobRequest last_evaluation_ ABSL_GUARDED_BY(mutex_);
  v1::ResumeJobRequest last_resume_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::Sweep> sweep_views_ ABSL_GUARDED_BY(mutex_);
  size_t sweep_now_ ABSL_GUARDED_BY(mutex_) = 0;  // The view that comes next.
  std::vector<std::string> watched_sweeps_ ABSL_GUARDED_BY(mutex_);
  v1::DeleteSweepRequest last_sweep_deletion_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> request_ids_ ABSL_GUARDED_BY(mutex_);
  std::vector<uint64_t> watched_after_ ABSL_GUARDED_BY(mutex_);
  int calls_to_fail_ ABSL_GUARDED_BY(mutex_) = 0;
  int answers_to_lose_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<int> stream_limits_ ABSL_GUARDED_BY(mutex_);
  uint64_t repeated_steps_ ABSL_GUARDED_BY(mutex_) = 0;

  absl::Notification stopping_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_TESTING_FAKE_COORDINATOR_H_
