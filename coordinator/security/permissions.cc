#include "coordinator/security/permissions.h"

#include <algorithm>

namespace outerloop::coordinator {
namespace {

constexpr bool kChanges = true;

constexpr Permission kPermissions[] = {
    {"outerloop.v1.JobService/SubmitJob", Audience::kPeople, kChanges},
    {"outerloop.v1.JobService/GetJob", Audience::kPeople},
    {"outerloop.v1.JobService/ListJobs", Audience::kPeople},
    {"outerloop.v1.JobService/CancelJob", Audience::kPeople, kChanges},
    {"outerloop.v1.JobService/PauseJob", Audience::kPeople, kChanges},
    {"outerloop.v1.JobService/ResumeJob", Audience::kPeople, kChanges},
    {"outerloop.v1.JobService/SetJobPriority", Audience::kPeople, kChanges},
    {"outerloop.v1.JobService/DeleteJob", Audience::kPeople, kChanges},
    {"outerloop.v1.JobService/WatchJob", Audience::kPeople},
    {"outerloop.v1.JobService/EvaluateJob", Audience::kPeople, kChanges},
    {"outerloop.v1.JobService/ListWorkers", Audience::kPeople},

    {"outerloop.v1.DatasetService/ImportDataset", Audience::kPeople, kChanges},
    {"outerloop.v1.DatasetService/GetUpload", Audience::kPeople},
    {"outerloop.v1.DatasetService/GetDataset", Audience::kPeople},
    {"outerloop.v1.DatasetService/ListDatasets", Audience::kPeople},
    {"outerloop.v1.DatasetService/ExportDataset", Audience::kPeople},
    {"outerloop.v1.DatasetService/RemoveDataset", Audience::kPeople, kChanges},

    {"outerloop.v1.ArtifactService/ListArtifacts", Audience::kPeople},
    {"outerloop.v1.ArtifactService/DownloadArtifact", Audience::kPeople},

    {"outerloop.v1.EvaluationService/ListEpisodeSamples", Audience::kPeople},
    {"outerloop.v1.EvaluationService/ListScores", Audience::kPeople},

    {"outerloop.v1.EventService/ListEvents", Audience::kPeople},
    {"outerloop.v1.EventService/WatchEvents", Audience::kPeople},

    {"outerloop.v1.SweepService/SubmitSweep", Audience::kPeople, kChanges},
    {"outerloop.v1.SweepService/GetSweep", Audience::kPeople},
    {"outerloop.v1.SweepService/ListSweeps", Audience::kPeople},
    {"outerloop.v1.SweepService/CancelSweep", Audience::kPeople, kChanges},
    {"outerloop.v1.SweepService/WatchSweep", Audience::kPeople},
    {"outerloop.v1.SweepService/DeleteSweep", Audience::kPeople, kChanges},

    {"outerloop.v1.WorkerService/Session", Audience::kWorkers, kChanges},
    {"outerloop.v1.WorkerService/AllReduce", Audience::kWorkers},
    {"outerloop.v1.WorkerService/FetchBlob", Audience::kWorkers},
    {"outerloop.v1.WorkerService/StoreCheckpoint", Audience::kWorkers, kChanges},

    // gRPC's own. Probes carry no credentials; a Watch would hold a stream.
    {"grpc.health.v1.Health/Check", Audience::kAnybody},
    {"grpc.health.v1.Health/Watch", Audience::kKnown},
    {"grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Audience::kKnown},
};

}  // namespace

std::span<const Permission> Permissions() { return kPermissions; }

const Permission* FindPermission(std::string_view method) {
  const auto* found =
      std::find_if(std::begin(kPermissions), std::end(kPermissions),
                   [method](const Permission& one) { return one.method == method; });
  return found == std::end(kPermissions) ? nullptr : found;
}

bool Includes(Audience audience, Role role) {
  switch (audience) {
    case Audience::kAnybody:
    case Audience::kKnown:
      return true;
    case Audience::kPeople:
      return role == Role::kClient || role == Role::kAdmin;
    case Audience::kWorkers:
      return role == Role::kWorker;
  }
  return false;
}

}  // namespace outerloop::coordinator
