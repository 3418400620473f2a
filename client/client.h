// A coordinator, as a C++ program sees it.
#ifndef OUTERLOOP_CLIENT_CLIENT_H_
#define OUTERLOOP_CLIENT_CLIENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/connection.h"
#include "client/dataset_upload.h"
#include "outerloop/v1/artifact_service.grpc.pb.h"
#include "outerloop/v1/dataset_service.grpc.pb.h"
#include "outerloop/v1/evaluation_service.grpc.pb.h"
#include "outerloop/v1/event_service.grpc.pb.h"
#include "outerloop/v1/job_service.grpc.pb.h"
#include "outerloop/v1/sweep_service.grpc.pb.h"

namespace outerloop::client {

// Calls on one coordinator. Every call blocks, has a deadline, and is made again while the
// coordinator is away, for up to `retry_for` of ClientOptions; what changes something carries a
// request id that stays the same, so it takes effect once. Errors are the coordinator's own;
// UNAVAILABLE and DEADLINE_EXCEEDED name the address. Where a job is asked for, `job` is its id or
// its name (the latest of that name). Thread-safe.
class Client {
 public:
  // `address` is HOST:PORT. UNAVAILABLE, saying what to do, if nothing listens there.
  static absl::StatusOr<std::unique_ptr<Client>> Create(const std::string& address,
                                                        const ClientOptions& options = {});
  explicit Client(std::unique_ptr<const Connection> connection);

  // The accepted job: durable, with the defaults filled in.
  absl::StatusOr<v1::Job> SubmitJob(const v1::JobSpec& spec);
  absl::StatusOr<v1::Job> GetJob(const std::string& job);
  // Oldest first.
  absl::StatusOr<std::vector<v1::Job>> ListJobs();
  absl::StatusOr<v1::Job> CancelJob(const std::string& job);
  // Lets a job come to a step boundary and stand still. Does not wait for it.
  absl::StatusOr<v1::Job> PauseJob(const std::string& job);
  // Puts a paused job back into the queue, where it stands. Takes one that FAILED or was CANCELLED,
  // or a paused one if `step` is given, up again after the checkpoint of `step`; 0 is the
  // beginning; without a step, the latest checkpoint. Later steps are computed again.
  absl::StatusOr<v1::Job> ResumeJob(const std::string& job, std::optional<uint64_t> step);

  // -100 to 100.
  absl::StatusOr<v1::Job> SetJobPriority(const std::string& job, int32_t priority);
  // Forgets a job that has ended, and all that it has made. Returns its id.
  absl::StatusOr<std::string> DeleteJob(const std::string& job);

  // Calls `on_update`, from this thread, with the job as it is and then with every change and step,
  // until the job has ended; returns it as it ended. Each step after `after_step` comes once and in
  // order, also over streams that break.
  absl::StatusOr<v1::Job> WatchJob(const std::string& job, uint64_t after_step,
                                   absl::FunctionRef<void(const v1::WatchJobResponse&)> on_update);

  // The steps that are done by now, all that are on record. A running job is not waited for.
  absl::StatusOr<std::vector<v1::StepMetrics>> ListSteps(const std::string& job);

  // What has happened to the job, all that is kept of it: the latest events, by number, which
  // counts from 1.
  absl::StatusOr<std::vector<v1::JobEvent>> ListEvents(const std::string& job);
  // Calls `on_event`, from this thread, with each event after `after_number`, in order, until the
  // job has ended; also over streams that break.
  absl::Status WatchEvents(const std::string& job, uint64_t after_number,
                           absl::FunctionRef<void(const v1::JobEvent&)> on_event);

  // Scores the checkpoint of `step`, or the latest. Calls `on_update`, from this thread, as it
  // goes on. FAILED_PRECONDITION with its reason if the evaluation fails.
  absl::StatusOr<v1::Evaluation> EvaluateJob(
      const std::string& job, std::optional<uint64_t> step, const v1::EvaluationSpec& spec,
      absl::FunctionRef<void(const v1::Evaluation&)> on_update);

  // The score of every task of an evaluation that is done: a series by mode, then by inner steps.
  absl::StatusOr<std::vector<v1::ScoreSeries>> ListScores(const std::string& evaluation_id);

  // What was kept of an evaluation's first tasks, to be looked at. None if the coordinator is of an
  // earlier version, which keeps none.
  absl::StatusOr<std::vector<v1::EpisodeSample>> ListEpisodeSamples(
      const std::string& evaluation_id);

  // The accepted sweep: durable, with the defaults filled in. Where a sweep is asked for, `sweep`
  // is its id or its name (the latest of that name).
  absl::StatusOr<v1::Sweep> SubmitSweep(const v1::SweepSpec& spec);
  absl::StatusOr<v1::Sweep> GetSweep(const std::string& sweep);
  // Oldest first, without their trials' specifications.
  absl::StatusOr<std::vector<v1::Sweep>> ListSweeps();
  // Does not wait until its trials are cancelled.
  absl::StatusOr<v1::Sweep> CancelSweep(const std::string& sweep);
  // Calls `on_update`, from this thread, with the sweep as it is and then with every change, until
  // it has ended; returns it as it ended. Without its trials' specifications. Goes on over streams
  // that break.
  absl::StatusOr<v1::Sweep> WatchSweep(const std::string& sweep,
                                       absl::FunctionRef<void(const v1::Sweep&)> on_update);
  // Forgets a sweep that has ended and, if `jobs`, its trials' jobs and all that they have made.
  // Returns its id.
  absl::StatusOr<std::string> DeleteSweep(const std::string& sweep, bool jobs);

  absl::StatusOr<std::vector<v1::WorkerStatus>> ListWorkers();

  // Called with the bytes done so far and in all.
  using OnBytes = absl::FunctionRef<void(uint64_t done, uint64_t total)>;

  // Sends what the coordinator lacks of the data set file at `path`, which must not change
  // meanwhile. ALREADY_EXISTS if `name` stands for another content.
  absl::StatusOr<UploadedDataset> ImportDataset(const std::string& name, const std::string& path,
                                                OnBytes on_bytes);
  // By name.
  absl::StatusOr<std::vector<v1::Dataset>> ListDatasets();
  absl::StatusOr<v1::GetDatasetResponse> GetDataset(const std::string& name);
  // Writes the file to `path`, as DownloadArtifact does.
  absl::StatusOr<v1::Dataset> ExportDataset(const std::string& name, const std::string& path,
                                            OnBytes on_bytes);
  // FAILED_PRECONDITION, naming the job, while one needs it.
  absl::Status RemoveDataset(const std::string& name);

  // By step.
  absl::StatusOr<std::vector<v1::Artifact>> ListArtifacts(const std::string& job);
  // Writes the checkpoint of `step`, or the latest, to `path`, replacing what stands there. The
  // file appears whole, after its digest was checked, or not at all. DATA_LOSS if the digest is
  // wrong.
  absl::StatusOr<v1::Artifact> DownloadArtifact(const std::string& job,
                                                std::optional<uint64_t> step,
                                                const std::string& path, OnBytes on_bytes);

 private:
  // As WatchJob, until `on_update` returns false as well.
  absl::StatusOr<v1::Job> FollowJob(const std::string& job, uint64_t after_step,
                                    absl::FunctionRef<bool(const v1::WatchJobResponse&)> on_update);

  const std::unique_ptr<const Connection> connection_;
  const std::unique_ptr<v1::JobService::StubInterface> jobs_;
  const std::unique_ptr<v1::DatasetService::StubInterface> datasets_;
  const std::unique_ptr<v1::ArtifactService::StubInterface> artifacts_;
  const std::unique_ptr<v1::EvaluationService::StubInterface> evaluations_;
  const std::unique_ptr<v1::EventService::StubInterface> events_;
  const std::unique_ptr<v1::SweepService::StubInterface> sweeps_;
};

// Whether a job in `state` has ended.
bool HasEnded(v1::JobState state);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_CLIENT_H_
