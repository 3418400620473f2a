#include "client/testing/fake_coordinator.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/sha256.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"

namespace outerloop::client {

using ::grpc::Status;
using ::grpc::StatusCode;

FakeCoordinator::FakeCoordinator() {
  grpc::EnableDefaultHealthCheckService(true);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("localhost:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(static_cast<v1::JobService::Service*>(this));
  builder.RegisterService(static_cast<v1::DatasetService::Service*>(this));
  builder.RegisterService(static_cast<v1::ArtifactService::Service*>(this));
  builder.RegisterService(static_cast<v1::EvaluationService::Service*>(this));
  builder.RegisterService(static_cast<v1::EventService::Service*>(this));
  builder.RegisterService(static_cast<v1::SweepService::Service*>(this));
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("localhost:", port);
}

FakeCoordinator::~FakeCoordinator() {
  stopping_.Notify();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + absl::Seconds(1)));
}

std::shared_ptr<grpc::Channel> FakeCoordinator::InProcessChannel() {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

void FakeCoordinator::AddJob(const v1::Job& job) {
  absl::MutexLock lock(&mutex_);
  jobs_.push_back(job);
}

void FakeCoordinator::AddWorker(const v1::WorkerStatus& worker) {
  absl::MutexLock lock(&mutex_);
  workers_.push_back(worker);
}

void FakeCoordinator::AddEvaluation(const v1::Evaluation& evaluation) {
  absl::MutexLock lock(&mutex_);
  evaluations_.push_back(evaluation);
}

void FakeCoordinator::AddSweepView(const v1::Sweep& sweep) {
  absl::MutexLock lock(&mutex_);
  sweep_views_.push_back(sweep);
}

void FakeCoordinator::AddScores(const std::string& evaluation_id,
                                const std::vector<v1::ListScoresResponse>& pages) {
  absl::MutexLock lock(&mutex_);
  uint32_t first_task = 0;
  for (const v1::ListScoresResponse& page : pages) {
    scores_[{evaluation_id, first_task}] = page;
    first_task = page.next_task();
  }
}

void FakeCoordinator::SetEpisodeSamples(const v1::ListEpisodeSamplesResponse& samples) {
  absl::MutexLock lock(&mutex_);
  samples_ = samples;
}

void FakeCoordinator::RefuseEpisodeSamples() {
  absl::MutexLock lock(&mutex_);
  samples_.reset();
}

void FakeCoordinator::AddEvent(const v1::JobEvent& event) {
  absl::MutexLock lock(&mutex_);
  events_.push_back(event);
}

void FakeCoordinator::SetArtifact(const v1::Artifact& artifact, const std::string& content) {
  absl::MutexLock lock(&mutex_);
  artifact_ = artifact;
  content_ = content;
}

void FakeCoordinator::FailNext(int calls) {
  absl::MutexLock lock(&mutex_);
  calls_to_fail_ = calls;
}

void FakeCoordinator::LoseNextAnswers(int calls) {
  absl::MutexLock lock(&mutex_);
  answers_to_lose_ = calls;
}

void FakeCoordinator::BreakStreamsAfter(std::vector<int> messages) {
  absl::MutexLock lock(&mutex_);
  stream_limits_ = std::move(messages);
}

void FakeCoordinator::RepeatSteps(uint64_t steps) {
  absl::MutexLock lock(&mutex_);
  repeated_steps_ = steps;
}

void FakeCoordinator::SetServing(bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(serving);
}

std::vector<std::string> FakeCoordinator::request_ids() const {
  absl::MutexLock lock(&mutex_);
  return request_ids_;
}

std::vector<uint64_t> FakeCoordinator::watched_after() const {
  absl::MutexLock lock(&mutex_);
  return watched_after_;
}

std::map<std::string, std::string> FakeCoordinator::uploads() const {
  absl::MutexLock lock(&mutex_);
  return uploads_;
}

int FakeCoordinator::jobs() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(jobs_.size());
}

v1::EvaluateJobRequest FakeCoordinator::last_evaluation() const {
  absl::MutexLock lock(&mutex_);
  return last_evaluation_;
}

std::vector<std::string> FakeCoordinator::watched_sweeps() const {
  absl::MutexLock lock(&mutex_);
  return watched_sweeps_;
}

v1::DeleteSweepRequest FakeCoordinator::last_sweep_deletion() const {
  absl::MutexLock lock(&mutex_);
  return last_sweep_deletion_;
}

v1::ResumeJobRequest FakeCoordinator::last_resume() const {
  absl::MutexLock lock(&mutex_);
  return last_resume_;
}

Status FakeCoordinator::Begin() {
  if (calls_to_fail_ == 0) return Status::OK;
  --calls_to_fail_;
  return Status(StatusCode::UNAVAILABLE, "call refused");
}

Status FakeCoordinator::End() {
  if (answers_to_lose_ == 0) return Status::OK;
  --answers_to_lose_;
  return Status(StatusCode::UNAVAILABLE, "answer lost");
}

int FakeCoordinator::TakeStreamLimit() {
  absl::MutexLock lock(&mutex_);
  if (stream_limits_.empty()) return std::numeric_limits<int>::max();
  const int limit = stream_limits_.front();
  stream_limits_.erase(stream_limits_.begin());
  return limit;
}

Status FakeCoordinator::FindJob(const std::string& name, v1::Job* job) const {
  for (auto it = jobs_.rbegin(); it != jobs_.rend(); ++it) {
    if (it->job_id() != name && it->spec().name() != name) continue;
    *job = *it;
    return Status::OK;
  }
  return Status(StatusCode::NOT_FOUND, absl::StrCat("no job '", name, "'"));
}

Status FakeCoordinator::SubmitJob(Context*, const v1::SubmitJobRequest* request,
                                  v1::SubmitJobResponse* response) {
  absl::MutexLock lock(&mutex_);
  request_ids_.push_back(request->request_id());
  if (Status status = Begin(); !status.ok()) return status;
  const auto [submitted, is_new] = submitted_.try_emplace(request->request_id());
  v1::Job& job = submitted->second;
  if (is_new) {
    job.set_job_id(absl::StrCat("job-", submitted_.size()));
    job.set_state(v1::SUCCEEDED);
    job.set_step(request->spec().training().steps());
    *job.mutable_spec() = request->spec();
    jobs_.push_back(job);
  }
  *response->mutable_job() = job;
  return End();
}

Status FakeCoordinator::GetJob(Context*, const v1::GetJobRequest* request,
                               v1::GetJobResponse* response) {
  absl::MutexLock lock(&mutex_);
  if (Status status = Begin(); !status.ok()) return status;
  return FindJob(request->job_id(), response->mutable_job());
}

Status FakeCoordinator::ListJobs(Context*, const v1::ListJobsRequest*,
                                 v1::ListJobsResponse* response) {
  absl::MutexLock lock(&mutex_);
  if (Status status = Begin(); !status.ok()) return status;
  response->mutable_jobs()->Assign(jobs_.begin(), jobs_.end());
  return Status::OK;
}

Status FakeCoordinator::CancelJob(Context*, const v1::CancelJobRequest* request,
                                  v1::CancelJobResponse* response) {
  absl::MutexLock lock(&mutex_);
  request_ids_.push_back(request->request_id());
  if (Status status = Begin(); !status.ok()) return status;
  if (Status status = FindJob(request->job_id(), response->mutable_job()); !status.ok()) {
    return status;
  }
  response->mutable_job()->set_state(v1::CANCELLED);
  return End();
}

Status FakeCoordinator::PauseJob(Context*, const v1::PauseJobRequest* request,
                                 v1::PauseJobResponse* response) {
  absl::MutexLock lock(&mutex_);
  request_ids_.push_back(request->request_id());
  if (Status status = Begin(); !status.ok()) return status;
  if (Status status = FindJob(request->job_id(), response->mutable_job()); !status.ok()) {
    return status;
  }
  response->mutable_job()->set_state(v1::PAUSED);
  return End();
}

Status FakeCoordinator::SetJobPriority(Context*, const v1::SetJobPriorityRequest* request,
                                       v1::SetJobPriorityResponse* response) {
  absl::MutexLock lock(&mutex_);
  request_ids_.push_back(request->request_id());
  if (Status status = Begin(); !status.ok()) return status;
  if (Status status = FindJob(request->job_id(), response->mutable_job()); !status.ok()) {
    return status;
  }
  response->mutable_job()->set_priority(request->priority());
  return End();
}

Status FakeCoordinator::DeleteJob(Context*, const v1::DeleteJobRequest* request,
                                  v1::DeleteJobResponse* response) {
  absl::MutexLock lock(&mutex_);
  request_ids_.push_back(request->request_id());
  if (Status status = Begin(); !status.ok()) return status;
  v1::Job job;
  if (Status status = FindJob(request->job_id(), &job); !status.ok()) return status;
  std::erase_if(jobs_, [&](const v1::Job& one) { return one.job_id() == job.job_id(); });
  response->set_job_id(job.job_id());
  return End();
}

Status FakeCoordinator::ResumeJob(Context*, const v1::ResumeJobRequest* request,
                                  v1::ResumeJobResponse* response) {
  absl::MutexLock lock(&mutex_);
  request_ids_.push_back(request->request_id());
  if (Status status = Begin(); !status.ok()) return status;
  last_resume_ = *request;
  if (Status status = FindJob(request->job_id(), response->mutable_job()); !status.ok()) {
    return status;
  }
  response->mutable_job()->set_state(v1::QUEUED);
  return End();
}

Status FakeCoordinator::WatchJob(Context*, const v1::WatchJobRequest* request,
                                 grpc::ServerWriter<v1::WatchJobResponse>* stream) {
  v1::WatchJobResponse update;
  uint64_t step = request->after_step();
  {
    absl::MutexLock lock(&mutex_);
    watched_after_.push_back(request->after_step());
    if (Status status = Begin(); !status.ok()) return status;
    Status status = FindJob(request->job_id(), update.mutable_job());
    if (!status.ok()) return status;
    step -= std::min(step, repeated_steps_);
  }
  const v1::Job job = update.job();  // As it is now, in every message.
  const int limit = TakeStreamLimit();
  int sent = 0;
  while (step < job.step()) {
    if (sent++ == limit) return Status(StatusCode::UNAVAILABLE, "stream broken");
    update.clear_steps();
    update.add_steps()->set_step(++step);
    update.mutable_steps(0)->set_loss(1.0 / static_cast<double>(step));
    update.mutable_steps(0)->set_seconds(0.01);
    stream->Write(update);
  }
  if (sent == limit) return Status(StatusCode::UNAVAILABLE, "stream broken");
  update.clear_steps();
  stream->Write(update);
  const bool has_ended = job.state() >= v1::SUCCEEDED;
  if (!has_ended) stopping_.WaitForNotification();
  return Status::OK;
}

Status FakeCoordinator::EvaluateJob(Context*, const v1::EvaluateJobRequest* request,
                                    grpc::ServerWriter<v1::EvaluateJobResponse>* stream) {
  std::vector<v1::Evaluation> evaluations;
  {
    absl::MutexLock lock(&mutex_);
    request_ids_.push_back(request->request_id());
    last_evaluation_ = *request;
    if (Status status = Begin(); !status.ok()) return status;
    for (const v1::Evaluation& evaluation : evaluations_) {
      const bool wanted = evaluation.job_id().empty() || evaluation.job_id() == request->job_id();
      if (wanted) evaluations.push_back(evaluation);
    }
  }
  int left = TakeStreamLimit();
  for (const v1::Evaluation& evaluation : evaluations) {
    if (left-- == 0) return Status(StatusCode::UNAVAILABLE, "stream broken");
    v1::EvaluateJobResponse response;
    *response.mutable_evaluation() = evaluation;
    stream->Write(response);
  }
  return Status::OK;
}

Status FakeCoordinator::WatchSweep(Context*, const v1::WatchSweepRequest* request,
                                   grpc::ServerWriter<v1::WatchSweepResponse>* stream) {
  int left = TakeStreamLimit();
  absl::MutexLock lock(&mutex_);
  watched_sweeps_.push_back(request->sweep_id());
  if (Status status = Begin(); !status.ok()) return status;
  while (sweep_now_ < sweep_views_.size()) {
    if (left-- == 0) return Status(StatusCode::UNAVAILABLE, "stream broken");
    v1::WatchSweepResponse response;
    *response.mutable_sweep() = sweep_views_[sweep_now_++];
    stream->Write(response);
  }
  return Status::OK;
}

Status FakeCoordinator::DeleteSweep(Context*, const v1::DeleteSweepRequest* request,
                                    v1::DeleteSweepResponse* response) {
  absl::MutexLock lock(&mutex_);
  request_ids_.push_back(request->request_id());
  if (Status status = Begin(); !status.ok()) return status;
  last_sweep_deletion_ = *request;
  response->set_sweep_id(sweep_views_.at(0).sweep_id());
  return End();
}

Status FakeCoordinator::ListScores(Context*, const v1::ListScoresRequest* request,
                                   v1::ListScoresResponse* response) {
  absl::MutexLock lock(&mutex_);
  if (Status status = Begin(); !status.ok()) return status;
  const auto page = scores_.find({request->evaluation_id(), request->first_task()});
  if (page == scores_.end()) return Status(StatusCode::NOT_FOUND, "no such scores");
  *response = page->second;
  return Status::OK;
}

Status FakeCoordinator::ListEpisodeSamples(Context*, const v1::ListEpisodeSamplesRequest*,
                                           v1::ListEpisodeSamplesResponse* response) {
  absl::MutexLock lock(&mutex_);
  if (Status status = Begin(); !status.ok()) return status;
  if (!samples_.has_value()) return Status(StatusCode::UNIMPLEMENTED, "");
  *response = *samples_;
  return Status::OK;
}

Status FakeCoordinator::ListEvents(Context*, const v1::ListEventsRequest* request,
                                   v1::ListEventsResponse* response) {
  constexpr int kPage = 2;
  absl::MutexLock lock(&mutex_);
  if (Status status = Begin(); !status.ok()) return status;
  for (const v1::JobEvent& event : events_) {
    const bool wanted = event.number() > request->after_number();
    if (wanted && response->events_size() < kPage) *response->add_events() = event;
  }
  return Status::OK;
}

Status FakeCoordinator::WatchEvents(Context*, const v1::WatchEventsRequest* request,
                                    grpc::ServerWriter<v1::WatchEventsResponse>* stream) {
  std::vector<v1::JobEvent> events;
  v1::Job job;
  {
    absl::MutexLock lock(&mutex_);
    if (Status status = FindJob(request->job_id(), &job); !status.ok()) return status;
    events = events_;
  }
  int left = TakeStreamLimit();
  for (const v1::JobEvent& event : events) {
    if (event.number() <= request->after_number()) continue;
    if (left-- == 0) return Status(StatusCode::UNAVAILABLE, "stream broken");
    v1::WatchEventsResponse response;
    *response.add_events() = event;
    stream->Write(response);
  }
  const bool has_ended = job.state() >= v1::SUCCEEDED;
  if (!has_ended) stopping_.WaitForNotification();
  return Status::OK;
}

Status FakeCoordinator::ListWorkers(Context*, const v1::ListWorkersRequest*,
                                    v1::ListWorkersResponse* response) {
  absl::MutexLock lock(&mutex_);
  if (Status status = Begin(); !status.ok()) return status;
  response->mutable_workers()->Assign(workers_.begin(), workers_.end());
  return Status::OK;
}

Status FakeCoordinator::ImportDataset(Context*,
                                      grpc::ServerReader<v1::ImportDatasetRequest>* stream,
                                      v1::ImportDatasetResponse* response) {
  v1::ImportDatasetRequest request;
  if (!stream->Read(&request) || !request.has_header()) {
    return Status(StatusCode::INVALID_ARGUMENT, "no header");
  }
  const v1::ImportDatasetHeader header = request.header();
  std::string content;
  {
    absl::MutexLock lock(&mutex_);
    content = partial_uploads_[header.sha256()].substr(0, header.offset());
  }
  int left = TakeStreamLimit();
  while (stream->Read(&request)) {
    if (left-- == 0) {
      absl::MutexLock lock(&mutex_);
      partial_uploads_[header.sha256()] = content;
      return Status(StatusCode::UNAVAILABLE, "stream broken");
    }
    content += request.chunk().data();
  }
  absl::MutexLock lock(&mutex_);
  partial_uploads_.erase(header.sha256());
  if (content.size() != header.size_bytes() || Sha256Hex(content) != header.sha256()) {
    return Status(StatusCode::DATA_LOSS, "wrong digest");
  }
  const auto [known, is_new] = uploads_.try_emplace(header.name(), content);
  if (!is_new && known->second != content) {
    return Status(StatusCode::ALREADY_EXISTS,
                  absl::StrCat("data set '", header.name(), "' exists"));
  }
  v1::Dataset dataset;
  dataset.set_name(header.name());
  dataset.set_sha256(header.sha256());
  dataset.set_size_bytes(header.size_bytes());
  if (is_new) datasets_.push_back(dataset);
  *response->mutable_dataset() = dataset;
  return End();
}

Status FakeCoordinator::GetUpload(Context*, const v1::GetUploadRequest* request,
                                  v1::GetUploadResponse* response) {
  absl::MutexLock lock(&mutex_);
  response->set_received_bytes(partial_uploads_[request->sha256()].size());
  response->set_in_progress(busy_uploads_ > 0 && busy_uploads_-- > 0);
  return Status::OK;
}

Status FakeCoordinator::ExportDataset(Context*, const v1::ExportDatasetRequest* request,
                                      grpc::ServerWriter<v1::ExportDatasetResponse>* stream) {
  absl::MutexLock lock(&mutex_);
  const auto upload = uploads_.find(request->name());
  if (upload == uploads_.end()) return Status(StatusCode::NOT_FOUND, "no such data set");
  v1::ExportDatasetResponse response;
  response.mutable_dataset()->set_name(request->name());
  response.mutable_dataset()->set_size_bytes(upload->second.size());
  response.mutable_dataset()->set_sha256(Sha256Hex(upload->second));
  stream->Write(response);
  response.mutable_chunk()->set_data(upload->second);
  stream->Write(response);
  return Status::OK;
}

Status FakeCoordinator::RemoveDataset(Context*, const v1::RemoveDatasetRequest* request,
                                      v1::RemoveDatasetResponse*) {
  absl::MutexLock lock(&mutex_);
  if (uploads_.erase(request->name()) == 0) {
    return Status(StatusCode::NOT_FOUND, "no such data set");
  }
  return End();
}

void FakeCoordinator::SayUploadsAreBusy(int answers) {
  absl::MutexLock lock(&mutex_);
  busy_uploads_ = answers;
}

void FakeCoordinator::SetPartialUpload(const std::string& sha256, const std::string& content) {
  absl::MutexLock lock(&mutex_);
  partial_uploads_[sha256] = content;
}

Status FakeCoordinator::GetDataset(Context*, const v1::GetDatasetRequest* request,
                                   v1::GetDatasetResponse* response) {
  absl::MutexLock lock(&mutex_);
  for (const v1::Dataset& dataset : datasets_) {
    if (dataset.name() != request->name()) continue;
    *response->mutable_dataset() = dataset;
    for (const char* name : {"Balinese/character01", "Balinese/character02"}) {
      response->add_classes()->set_name(name);
    }
    return Status::OK;
  }
  return Status(StatusCode::NOT_FOUND, absl::StrCat("no data set '", request->name(), "'"));
}

Status FakeCoordinator::ListDatasets(Context*, const v1::ListDatasetsRequest*,
                                     v1::ListDatasetsResponse* response) {
  absl::MutexLock lock(&mutex_);
  response->mutable_datasets()->Assign(datasets_.begin(), datasets_.end());
  return Status::OK;
}

Status FakeCoordinator::ListArtifacts(Context*, const v1::ListArtifactsRequest*,
                                      v1::ListArtifactsResponse* response) {
  absl::MutexLock lock(&mutex_);
  *response->add_artifacts() = artifact_;
  return Status::OK;
}

Status FakeCoordinator::DownloadArtifact(Context*, const v1::DownloadArtifactRequest* request,
                                         grpc::ServerWriter<v1::DownloadArtifactResponse>* stream) {
  v1::DownloadArtifactResponse response;
  std::string content;
  {
    absl::MutexLock lock(&mutex_);
    if (request->has_step() && request->step() != artifact_.step()) {
      return Status(StatusCode::NOT_FOUND, absl::StrCat("no checkpoint of step ", request->step()));
    }
    *response.mutable_artifact() = artifact_;
    content = content_;
  }
  stream->Write(response);
  int left = TakeStreamLimit();
  constexpr size_t kPiece = 1000;
  for (size_t sent = 0; sent < content.size(); sent += kPiece) {
    if (left-- == 0) return Status(StatusCode::UNAVAILABLE, "stream broken");
    response.mutable_chunk()->set_data(content.substr(sent, kPiece));
    stream->Write(response);
  }
  return Status::OK;
}

}  // namespace outerloop::client
