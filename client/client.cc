#include "client/client.h"

#include <random>
#include <utility>

#include "absl/strings/str_format.h"
#include "client/artifact_download.h"
#include "client/dataset_download.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

// 128 random bits: no two calls share an id.
std::string NewRequestId() {
  std::random_device random;
  std::string id;
  for (int i = 0; i < 4; ++i) absl::StrAppendFormat(&id, "%08x", random());
  return id;
}

template <typename T>
std::vector<T> ToVector(google::protobuf::RepeatedPtrField<T>& items) {
  return {std::make_move_iterator(items.begin()), std::make_move_iterator(items.end())};
}

// Leaves in `update` the steps after `*after_step`, and moves that to the last of them.
void KeepNewSteps(v1::WatchJobResponse& update, uint64_t* after_step) {
  v1::WatchJobResponse kept;
  for (v1::StepMetrics& step : *update.mutable_steps()) {
    if (step.step() <= *after_step) continue;
    *after_step = step.step();
    *kept.add_steps() = std::move(step);
  }
  update.mutable_steps()->Swap(kept.mutable_steps());
}

// What a stream that ended before it was through means to Retry: take it up again.
absl::Status BrokenStream(const grpc::Status& end, Connection::Attempt& attempt) {
  const absl::Status status = FromGrpcStatus(end);
  if (status.ok()) return absl::UnavailableError("the stream ended early");
  if (!absl::IsDeadlineExceeded(status)) return status;
  attempt.progress = true;  // It stood for all of its time.
  return absl::UnavailableError("the stream's time is over");
}

// Calls `on_message` with each message of a stream that the coordinator ends when all is said.
template <typename Message>
absl::Status ReadToEnd(grpc::ClientReaderInterface<Message>& stream, Connection::Attempt& attempt,
                       absl::FunctionRef<void(const Message&)> on_message) {
  Message message;
  while (stream.Read(&message)) {
    attempt.progress = true;
    on_message(message);
  }
  const grpc::Status end = stream.Finish();
  return end.ok() ? absl::OkStatus() : BrokenStream(end, attempt);
}

// Appends a page of scores to those before it.
void Append(const v1::ListScoresResponse& page, std::vector<v1::ScoreSeries>& series) {
  if (series.empty()) {
    series = {page.series().begin(), page.series().end()};
    return;
  }
  for (size_t i = 0; i < series.size(); ++i) {
    series[i].mutable_scores()->MergeFrom(page.series(static_cast<int>(i)).scores());
  }
}

absl::Status EvaluationStatus(const v1::Evaluation& evaluation) {
  if (evaluation.state() != v1::EVALUATION_FAILED) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrFormat("the evaluation failed: %s", evaluation.reason()));
}

}  // namespace

bool HasEnded(v1::JobState state) {
  return state == v1::SUCCEEDED || state == v1::FAILED || state == v1::CANCELLED;
}

absl::StatusOr<std::unique_ptr<Client>> Client::Create(const std::string& address,
                                                       const ClientOptions& options) {
  ASSIGN_OR_RETURN(auto connection, Connection::Open(address, options));
  return std::make_unique<Client>(std::move(connection));
}

Client::Client(std::unique_ptr<const Connection> connection)
    : connection_(std::move(connection)),
      jobs_(v1::JobService::NewStub(connection_->channel())),
      datasets_(v1::DatasetService::NewStub(connection_->channel())),
      artifacts_(v1::ArtifactService::NewStub(connection_->channel())),
      evaluations_(v1::EvaluationService::NewStub(connection_->channel())),
      events_(v1::EventService::NewStub(connection_->channel())),
      sweeps_(v1::SweepService::NewStub(connection_->channel())) {}

absl::StatusOr<v1::Job> Client::SubmitJob(const v1::JobSpec& spec) {
  v1::SubmitJobRequest request;
  request.set_request_id(NewRequestId());
  *request.mutable_spec() = spec;
  ASSIGN_OR_RETURN(v1::SubmitJobResponse response,
                   connection_->Call(*jobs_, &v1::JobService::StubInterface::SubmitJob, request));
  return std::move(*response.mutable_job());
}

absl::StatusOr<v1::Job> Client::GetJob(const std::string& job) {
  v1::GetJobRequest request;
  request.set_job_id(job);
  ASSIGN_OR_RETURN(v1::GetJobResponse response,
                   connection_->Call(*jobs_, &v1::JobService::StubInterface::GetJob, request));
  return std::move(*response.mutable_job());
}

absl::StatusOr<std::vector<v1::Job>> Client::ListJobs() {
  ASSIGN_OR_RETURN(
      v1::ListJobsResponse response,
      connection_->Call(*jobs_, &v1::JobService::StubInterface::ListJobs, v1::ListJobsRequest()));
  return ToVector(*response.mutable_jobs());
}

absl::StatusOr<v1::Job> Client::CancelJob(const std::string& job) {
  v1::CancelJobRequest request;
  request.set_request_id(NewRequestId());
  request.set_job_id(job);
  ASSIGN_OR_RETURN(v1::CancelJobResponse response,
                   connection_->Call(*jobs_, &v1::JobService::StubInterface::CancelJob, request));
  return std::move(*response.mutable_job());
}

absl::StatusOr<v1::Job> Client::PauseJob(const std::string& job) {
  v1::PauseJobRequest request;
  request.set_request_id(NewRequestId());
  request.set_job_id(job);
  ASSIGN_OR_RETURN(v1::PauseJobResponse response,
                   connection_->Call(*jobs_, &v1::JobService::StubInterface::PauseJob, request));
  return std::move(*response.mutable_job());
}

absl::StatusOr<v1::Job> Client::ResumeJob(const std::string& job, std::optional<uint64_t> step) {
  v1::ResumeJobRequest request;
  request.set_request_id(NewRequestId());
  request.set_job_id(job);
  if (step.has_value()) request.set_step(*step);
  ASSIGN_OR_RETURN(v1::ResumeJobResponse response,
                   connection_->Call(*jobs_, &v1::JobService::StubInterface::ResumeJob, request));
  return std::move(*response.mutable_job());
}

absl::StatusOr<v1::Job> Client::SetJobPriority(const std::string& job, int32_t priority) {
  v1::SetJobPriorityRequest request;
  request.set_request_id(NewRequestId());
  request.set_job_id(job);
  request.set_priority(priority);
  ASSIGN_OR_RETURN(
      v1::SetJobPriorityResponse response,
      connection_->Call(*jobs_, &v1::JobService::StubInterface::SetJobPriority, request));
  return std::move(*response.mutable_job());
}

absl::StatusOr<std::string> Client::DeleteJob(const std::string& job) {
  v1::DeleteJobRequest request;
  request.set_request_id(NewRequestId());
  request.set_job_id(job);
  ASSIGN_OR_RETURN(const v1::DeleteJobResponse response,
                   connection_->Call(*jobs_, &v1::JobService::StubInterface::DeleteJob, request));
  return response.job_id();
}

absl::StatusOr<v1::Job> Client::WatchJob(
    const std::string& job, uint64_t after_step,
    absl::FunctionRef<void(const v1::WatchJobResponse&)> on_update) {
  return FollowJob(job, after_step, [&](const v1::WatchJobResponse& update) {
    on_update(update);
    return true;
  });
}

absl::StatusOr<std::vector<v1::StepMetrics>> Client::ListSteps(const std::string& job) {
  ASSIGN_OR_RETURN(const v1::Job now, GetJob(job));
  std::vector<v1::StepMetrics> steps;
  const auto add = [&](const v1::WatchJobResponse& update) {
    steps.insert(steps.end(), update.steps().begin(), update.steps().end());
    // An update without steps has none to come but new ones.
    return !update.steps().empty() && steps.back().step() < now.step();
  };
  RETURN_IF_ERROR(FollowJob(now.job_id(), /*after_step=*/0, add).status());
  return steps;
}

absl::StatusOr<v1::Job> Client::FollowJob(
    const std::string& job, uint64_t after_step,
    absl::FunctionRef<bool(const v1::WatchJobResponse&)> on_update) {
  v1::WatchJobRequest request;
  request.set_job_id(job);
  v1::Job latest;
  const auto watch = [&](Connection::Attempt& attempt) {
    request.set_after_step(after_step);
    const auto stream = jobs_->WatchJob(&attempt.context, request);
    v1::WatchJobResponse update;
    while (stream->Read(&update)) {
      attempt.progress = true;
      KeepNewSteps(update, &after_step);
      latest = update.job();
      request.set_job_id(latest.job_id());  // The name may come to mean another job.
      if (!on_update(update)) return absl::OkStatus();
    }
    // Steps may still come when the job has ended: the stream is whole when the coordinator says
    // so.
    const grpc::Status end = stream->Finish();
    if (end.ok() && HasEnded(latest.state())) return absl::OkStatus();
    return BrokenStream(end, attempt);
  };
  RETURN_IF_ERROR(connection_->Retry(connection_->options().stream_timeout, watch));
  return latest;
}

absl::StatusOr<std::vector<v1::JobEvent>> Client::ListEvents(const std::string& job) {
  ASSIGN_OR_RETURN(const v1::Job found, GetJob(job));  // The name may come to mean another job.
  v1::ListEventsRequest request;
  request.set_job_id(found.job_id());
  std::vector<v1::JobEvent> events;
  while (true) {
    ASSIGN_OR_RETURN(
        const v1::ListEventsResponse page,
        connection_->Call(*events_, &v1::EventService::StubInterface::ListEvents, request));
    if (page.events().empty()) return events;
    events.insert(events.end(), page.events().begin(), page.events().end());
    request.set_after_number(events.back().number());
  }
}

absl::Status Client::WatchEvents(const std::string& job, uint64_t after_number,
                                 absl::FunctionRef<void(const v1::JobEvent&)> on_event) {
  ASSIGN_OR_RETURN(const v1::Job found, GetJob(job));
  v1::WatchEventsRequest request;
  request.set_job_id(found.job_id());
  const auto watch = [&](Connection::Attempt& attempt) {
    request.set_after_number(after_number);
    const auto take = [&](const v1::WatchEventsResponse& update) {
      for (const v1::JobEvent& event : update.events()) {
        if (event.number() <= after_number) continue;
        after_number = event.number();
        on_event(event);
      }
    };
    return ReadToEnd<v1::WatchEventsResponse>(*events_->WatchEvents(&attempt.context, request),
                                              attempt, take);
  };
  return connection_->Retry(connection_->options().stream_timeout, watch);
}

absl::StatusOr<v1::Evaluation> Client::EvaluateJob(
    const std::string& job, std::optional<uint64_t> step, const v1::EvaluationSpec& spec,
    absl::FunctionRef<void(const v1::Evaluation&)> on_update) {
  v1::EvaluateJobRequest request;
  request.set_request_id(NewRequestId());
  request.set_job_id(job);
  if (step.has_value()) request.set_step(*step);
  *request.mutable_spec() = spec;
  v1::Evaluation latest;
  const auto evaluate = [&](Connection::Attempt& attempt) {
    const auto stream = jobs_->EvaluateJob(&attempt.context, request);
    v1::EvaluateJobResponse update;
    while (stream->Read(&update)) {
      attempt.progress = true;
      latest = update.evaluation();
      on_update(latest);
      if (latest.state() == v1::EVALUATION_DONE) return absl::OkStatus();
      RETURN_IF_ERROR(EvaluationStatus(latest));
    }
    return BrokenStream(stream->Finish(), attempt);
  };
  RETURN_IF_ERROR(connection_->Retry(connection_->options().stream_timeout, evaluate));
  return latest;
}

absl::StatusOr<std::vector<v1::ScoreSeries>> Client::ListScores(const std::string& evaluation_id) {
  v1::ListScoresRequest request;
  request.set_evaluation_id(evaluation_id);
  std::vector<v1::ScoreSeries> series;
  do {
    ASSIGN_OR_RETURN(v1::ListScoresResponse page,
                     connection_->Call(*evaluations_,
                                       &v1::EvaluationService::StubInterface::ListScores, request));
    Append(page, series);
    request.set_first_task(page.next_task());
  } while (request.first_task() > 0);
  return series;
}

absl::StatusOr<std::vector<v1::EpisodeSample>> Client::ListEpisodeSamples(
    const std::string& evaluation_id) {
  v1::ListEpisodeSamplesRequest request;
  request.set_evaluation_id(evaluation_id);
  auto response = connection_->Call(
      *evaluations_, &v1::EvaluationService::StubInterface::ListEpisodeSamples, request);
  if (absl::IsUnimplemented(response.status())) return std::vector<v1::EpisodeSample>();
  RETURN_IF_ERROR(response.status());
  return ToVector(*response->mutable_samples());
}

absl::StatusOr<v1::Sweep> Client::SubmitSweep(const v1::SweepSpec& spec) {
  v1::SubmitSweepRequest request;
  request.set_request_id(NewRequestId());
  *request.mutable_spec() = spec;
  ASSIGN_OR_RETURN(
      v1::SubmitSweepResponse response,
      connection_->Call(*sweeps_, &v1::SweepService::StubInterface::SubmitSweep, request));
  return std::move(*response.mutable_sweep());
}

absl::StatusOr<v1::Sweep> Client::GetSweep(const std::string& sweep) {
  v1::GetSweepRequest request;
  request.set_sweep_id(sweep);
  ASSIGN_OR_RETURN(
      v1::GetSweepResponse response,
      connection_->Call(*sweeps_, &v1::SweepService::StubInterface::GetSweep, request));
  return std::move(*response.mutable_sweep());
}

absl::StatusOr<std::vector<v1::Sweep>> Client::ListSweeps() {
  ASSIGN_OR_RETURN(v1::ListSweepsResponse response,
                   connection_->Call(*sweeps_, &v1::SweepService::StubInterface::ListSweeps,
                                     v1::ListSweepsRequest()));
  return ToVector(*response.mutable_sweeps());
}

absl::StatusOr<v1::Sweep> Client::CancelSweep(const std::string& sweep) {
  v1::CancelSweepRequest request;
  request.set_sweep_id(sweep);
  ASSIGN_OR_RETURN(
      v1::CancelSweepResponse response,
      connection_->Call(*sweeps_, &v1::SweepService::StubInterface::CancelSweep, request));
  return std::move(*response.mutable_sweep());
}

absl::StatusOr<v1::Sweep> Client::WatchSweep(const std::string& sweep,
                                             absl::FunctionRef<void(const v1::Sweep&)> on_update) {
  v1::WatchSweepRequest request;
  request.set_sweep_id(sweep);
  v1::Sweep latest;
  const auto take = [&](const v1::WatchSweepResponse& update) {
    latest = update.sweep();
    request.set_sweep_id(latest.sweep_id());  // The name may come to mean another one.
    on_update(latest);
  };
  const auto watch = [&](Connection::Attempt& attempt) {
    return ReadToEnd<v1::WatchSweepResponse>(*sweeps_->WatchSweep(&attempt.context, request),
                                             attempt, take);
  };
  RETURN_IF_ERROR(connection_->Retry(connection_->options().stream_timeout, watch));
  return latest;
}

absl::StatusOr<std::string> Client::DeleteSweep(const std::string& sweep, bool jobs) {
  v1::DeleteSweepRequest request;
  request.set_request_id(NewRequestId());
  request.set_sweep_id(sweep);
  request.set_jobs(jobs);
  ASSIGN_OR_RETURN(
      v1::DeleteSweepResponse response,
      connection_->Call(*sweeps_, &v1::SweepService::StubInterface::DeleteSweep, request));
  return std::move(*response.mutable_sweep_id());
}

absl::StatusOr<std::vector<v1::WorkerStatus>> Client::ListWorkers() {
  ASSIGN_OR_RETURN(v1::ListWorkersResponse response,
                   connection_->Call(*jobs_, &v1::JobService::StubInterface::ListWorkers,
                                     v1::ListWorkersRequest()));
  return ToVector(*response.mutable_workers());
}

absl::StatusOr<UploadedDataset> Client::ImportDataset(const std::string& name,
                                                      const std::string& path, OnBytes on_bytes) {
  return UploadDataset(*connection_, *datasets_, name, path, on_bytes);
}

absl::StatusOr<v1::Dataset> Client::ExportDataset(const std::string& name, const std::string& path,
                                                  OnBytes on_bytes) {
  return DownloadDataset(*connection_, *datasets_, name, path, on_bytes);
}

absl::Status Client::RemoveDataset(const std::string& name) {
  v1::RemoveDatasetRequest request;
  request.set_name(name);
  bool is_repeated = false;
  return connection_->Retry(connection_->options().call_timeout, [&](Connection::Attempt& attempt) {
    v1::RemoveDatasetResponse response;
    const absl::Status status =
        FromGrpcStatus(datasets_->RemoveDataset(&attempt.context, request, &response));
    // The answer to the call that removed it may have been lost.
    const bool was_removed = is_repeated && absl::IsNotFound(status);
    is_repeated = true;
    return was_removed ? absl::OkStatus() : status;
  });
}

absl::StatusOr<std::vector<v1::Dataset>> Client::ListDatasets() {
  ASSIGN_OR_RETURN(v1::ListDatasetsResponse response,
                   connection_->Call(*datasets_, &v1::DatasetService::StubInterface::ListDatasets,
                                     v1::ListDatasetsRequest()));
  return ToVector(*response.mutable_datasets());
}

absl::StatusOr<v1::GetDatasetResponse> Client::GetDataset(const std::string& name) {
  v1::GetDatasetRequest request;
  request.set_name(name);
  return connection_->Call(*datasets_, &v1::DatasetService::StubInterface::GetDataset, request);
}

absl::StatusOr<std::vector<v1::Artifact>> Client::ListArtifacts(const std::string& job) {
  v1::ListArtifactsRequest request;
  request.set_job_id(job);
  ASSIGN_OR_RETURN(
      v1::ListArtifactsResponse response,
      connection_->Call(*artifacts_, &v1::ArtifactService::StubInterface::ListArtifacts, request));
  return ToVector(*response.mutable_artifacts());
}

absl::StatusOr<v1::Artifact> Client::DownloadArtifact(const std::string& job,
                                                      std::optional<uint64_t> step,
                                                      const std::string& path, OnBytes on_bytes) {
  v1::DownloadArtifactRequest request;
  request.set_job_id(job);
  if (step.has_value()) request.set_step(*step);
  return DownloadToFile(*connection_, *artifacts_, std::move(request), path, on_bytes);
}

}  // namespace outerloop::client
