#include "benchmarks/control_plane/experiment.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "benchmarks/control_plane/fleet.h"
#include "benchmarks/control_plane/process_usage.h"
#include "benchmarks/control_plane/rpc_probe.h"
#include "benchmarks/control_plane/simulated_job.h"
#include "client/client.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"
#include "common/test_folder.h"
#include "coordinator/core/core.h"
#include "tests/support/process.h"

namespace outerloop::control_plane {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(3);

// Steps that the coordinator keeps given out to every member.
uint64_t WindowOf(absl::Duration step_time) {
  const coordinator::CoreOptions core;
  const double steps = std::ceil(absl::FDivDuration(core.window, step_time));
  return std::clamp(static_cast<uint64_t>(steps), core.min_window, core.max_window);
}

FleetOptions FleetOptionsOf(const Scenario& scenario) {
  return {.workers = scenario.workers,
          .workers_per_connection = scenario.workers_per_connection,
          .heartbeat_period = scenario.heartbeat_period,
          .group = {.step_time = scenario.step_time, .window = WindowOf(scenario.step_time)}};
}

class Experiment {
 public:
  explicit Experiment(const Scenario& scenario) { result_.scenario = scenario; }

  absl::StatusOr<Result> Run() {
    const absl::Status status = Measure();
    if (status.ok()) return result_;
    return absl::Status(status.code(), absl::StrCat(status.message(), "; the coordinator's log:\n",
                                                    ReadFile(LogFile()).value_or("none")));
  }

 private:
  const Scenario& scenario() const { return result_.scenario; }
  std::string LogFile() const { return folder_ / "coordinator.log"; }

  absl::Status Measure() {
    RETURN_IF_ERROR(StartCoordinator());
    RETURN_IF_ERROR(ConnectWorkers());
    RETURN_IF_ERROR(SubmitJobs());
    RETURN_IF_ERROR(MeasureTraining());
    RETURN_IF_ERROR(MeasureCuts());
    result_.lost_workers = fleet_->lost();
    ASSIGN_OR_RETURN(const ProcessUsage usage, ReadProcessUsage(coordinator_->pid()));
    result_.resident_bytes = usage.resident_bytes;
    result_.peak_bytes = usage.peak_bytes;
    return absl::OkStatus();
  }

  absl::Status StartCoordinator() {
    coordinator_ = std::make_unique<tests::Process>(
        std::vector<std::string>{scenario().coordinator, "--listen", "localhost:0",
                                 "--metrics-port", "0", "--data-dir", folder_ / "data",
                                 "--log-level", "warn"},
        LogFile());
    address_ = coordinator_->AwaitLine("listening on ");
    if (address_.empty()) return absl::UnavailableError("the coordinator does not start");
    ASSIGN_OR_RETURN(client_, client::Client::Create(address_));
    return absl::OkStatus();
  }

  absl::Status ConnectWorkers() {
    const absl::Time begin = absl::Now();
    fleet_ = std::make_unique<Fleet>(FleetOptionsOf(scenario()), address_, measurements_);
    RETURN_IF_ERROR(fleet_->AwaitWelcome(begin + kPatience));
    result_.connect = absl::Now() - begin;
    return absl::OkStatus();
  }

  absl::Status SubmitJobs() {
    const absl::Time begin = absl::Now();
    for (uint32_t i = 0; i < scenario().jobs(); ++i) {
      const v1::JobSpec spec = MakeJob(absl::StrCat("job-", i), scenario().dataset,
                                       scenario().workers, scenario().group_size);
      ASSIGN_OR_RETURN(const v1::Job job, client_->SubmitJob(spec));
      job_ids_.push_back(job.job_id());
    }
    RETURN_IF_ERROR(fleet_->groups().AwaitMembers(scenario().workers, absl::Now() + kPatience));
    result_.start = absl::Now() - begin;
    return absl::OkStatus();
  }

  absl::Status MeasureTraining() {
    RpcProbe probe(*client_, job_ids_.front());
    absl::SleepFor(scenario().warm_up);
    probe.TakeGetJob(), probe.TakeListJobs(), probe.TakeListWorkers();
    measurements_.delivery.Take();
    RETURN_IF_ERROR(MeasureRates());
    result_.ideal_steps_per_second =
        scenario().jobs() / absl::ToDoubleSeconds(scenario().step_time);
    result_.delivery = measurements_.delivery.Take();
    result_.early_plans = measurements_.early;
    result_.get_job = probe.TakeGetJob();
    result_.list_jobs = probe.TakeListJobs();
    result_.list_workers = probe.TakeListWorkers();
    result_.failed_calls = probe.failures();
    return absl::OkStatus();
  }

  // What has been counted up to a moment.
  struct Counts {
    absl::Time at;
    uint64_t steps, plans;
    ProcessUsage coordinator, generator;
  };

  absl::StatusOr<Counts> Count() const {
    ASSIGN_OR_RETURN(const ProcessUsage coordinator, ReadProcessUsage(coordinator_->pid()));
    ASSIGN_OR_RETURN(const ProcessUsage generator, ReadProcessUsage(getpid()));
    return Counts{absl::Now(), measurements_.steps, measurements_.plans, coordinator, generator};
  }

  absl::Status MeasureRates() {
    ASSIGN_OR_RETURN(const Counts begin, Count());
    absl::SleepFor(scenario().duration);
    ASSIGN_OR_RETURN(const Counts end, Count());
    const double seconds = absl::ToDoubleSeconds(end.at - begin.at);
    result_.steps_per_second = static_cast<double>(end.steps - begin.steps) / seconds;
    result_.plans_per_second = static_cast<double>(end.plans - begin.plans) / seconds;
    result_.coordinator_cpu =
        absl::ToDoubleSeconds(end.coordinator.cpu - begin.coordinator.cpu) / seconds;
    result_.generator_cpu =
        absl::ToDoubleSeconds(end.generator.cpu - begin.generator.cpu) / seconds;
    return absl::OkStatus();
  }

  absl::Status MeasureCuts() {
    Latencies reform, rejoin;
    for (uint32_t i = 0; i < scenario().cuts; ++i) {
      RETURN_IF_ERROR(MeasureCut(i * scenario().workers / scenario().cuts, reform, rejoin));
    }
    result_.reform = reform.Take();
    result_.rejoin = rejoin.Take();
    return absl::OkStatus();
  }

  absl::Status MeasureCut(size_t worker, Latencies& reform, Latencies& rejoin) {
    const std::shared_ptr<SimulatedGroup> group = fleet_->worker(worker).group();
    if (group == nullptr) return absl::InternalError("a worker has lost its group");
    if (group->size() == 1) return absl::OkStatus();  // Nobody is left to re-form.
    const absl::Time cut = absl::Now();
    fleet_->worker(worker).Cut();
    ASSIGN_OR_RETURN(const GroupTable::Started without,
                     fleet_->groups().AwaitStart(group->job_id(), group->generation(),
                                                 /*size=*/1, cut + kPatience));
    reform.Add(without.at - cut);
    const absl::Time back = absl::Now();
    fleet_->worker(worker).Connect();
    ASSIGN_OR_RETURN(const GroupTable::Started with,
                     fleet_->groups().AwaitStart(group->job_id(), without.generation, group->size(),
                                                 back + kPatience));
    rejoin.Add(with.at - back);
    return absl::OkStatus();
  }

  Result result_;
  const TestFolder folder_;
  GroupMeasurements measurements_;
  std::string address_;
  std::vector<std::string> job_ids_;
  // Each uses what stands before it.
  std::unique_ptr<tests::Process> coordinator_;
  std::unique_ptr<client::Client> client_;
  std::unique_ptr<Fleet> fleet_;
};

absl::Status Refuse(const std::string& flag, const std::string& allowed) {
  return absl::InvalidArgumentError(absl::StrCat("--", flag, ": give ", allowed));
}

}  // namespace

absl::Status Scenario::Validate() const {
  if (workers == 0) return Refuse("workers", "at least 1");
  if (dataset != "strokes" && dataset != "sinusoid")
    return Refuse("dataset", "strokes or sinusoid");
  if (step_time <= absl::ZeroDuration()) return Refuse("step-ms", "more than 0");
  if (duration <= absl::ZeroDuration()) return Refuse("seconds", "more than 0");
  if (workers_per_connection == 0) return Refuse("workers-per-connection", "at least 1");
  if (heartbeat_period < absl::ZeroDuration()) return Refuse("heartbeat-ms", "0 or more");
  return absl::OkStatus();
}

absl::StatusOr<Result> RunExperiment(const Scenario& scenario) {
  RETURN_IF_ERROR(scenario.Validate());
  return Experiment(scenario).Run();
}

}  // namespace outerloop::control_plane
