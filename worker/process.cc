#include "worker/process.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "common/capacity_gauge.h"
#include "common/health_server.h"
#include "common/log.h"
#include "common/metrics_server.h"
#include "common/mutex_checks.h"
#include "common/protocol.h"
#include "common/shutdown_signal.h"
#include "common/status_macros.h"
#include "worker/agent.h"
#include "worker/allocator.h"
#include "worker/blob_cache.h"
#include "worker/channel.h"
#include "worker/compute_pool.h"
#include "worker/coordinator_files.h"
#include "worker/cuda_devices.h"
#include "worker/device.h"
#include "worker/options.h"
#include "worker/reducers/make_reducer.h"
#include "worker/reducers/nccl_api.h"
#include "worker/reducers/nccl_factory.h"
#include "worker/session.h"
#include "worker/trainer_factory.h"
#include "worker/worker_metrics.h"

namespace outerloop::worker {
namespace {

std::string HostName() {
  char name[256] = "";
  gethostname(name, sizeof(name) - 1);
  return name;
}

v1::Hello MakeHello(const Options& options, const Device& device, int threads) {
  std::random_device random;
  v1::Hello hello;
  hello.set_name(options.name);
  hello.set_protocol_version(kWorkerProtocolVersion);
  hello.set_host(HostName());
  hello.set_pid(getpid());
  hello.set_worker_id(
      absl::StrFormat("%s-%d-%08x", hello.host(), getpid(), static_cast<uint32_t>(random())));
  hello.set_threads(threads);
  *hello.mutable_numerics() = device.numerics;
  return hello;
}

// Passes signals on to the agent, also those that came before there was one. Thread-safe.
class ShutdownRelay {
 public:
  void Notice() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    ++signals_;
    if (agent_ != nullptr) agent_->Shutdown();
  }
  // Null before the agent goes.
  void SetAgent(Agent* agent) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    agent_ = agent;
    for (int i = 0; agent_ != nullptr && i < signals_; ++i) agent_->Shutdown();
  }

 private:
  absl::Mutex mu_;
  int signals_ ABSL_GUARDED_BY(mu_) = 0;
  Agent* agent_ ABSL_GUARDED_BY(mu_) = nullptr;
};

// Null if there is to be none. It says NOT_SERVING until the coordinator has welcomed the worker.
absl::StatusOr<std::unique_ptr<HealthServer>> StartHealth(const std::string& listen) {
  if (listen.empty()) return nullptr;
  ASSIGN_OR_RETURN(auto health, HealthServer::Start(listen));
  std::cout << "health on " << health->address() << std::endl;
  return health;
}

// Until `shutdown` has ended the work (OK), or the coordinator refuses this worker.
absl::Status Run(const Options& options, Progress& progress, ShutdownRelay& shutdown) {
  ASSIGN_OR_RETURN(const Device device, SelectDevice(options.device, options.back_end));
  ASSIGN_OR_RETURN(const auto server,
                   MetricsServer::Start(options.metrics_host, options.metrics_port));
  std::cout << "metrics on " << options.metrics_host << ":" << server->port() << std::endl;
  WorkerMetrics metrics(server->registry());
  if (device.cuda) {
    server->Add(std::make_shared<CapacityGauge>(
        "outerloop_worker_gpu_memory_bytes", "Memory of this worker's GPU.",
        [number = *device.cuda] { return MeasureGpuMemory(number); }));
  }
  ASSIGN_OR_RETURN(const auto health, StartHealth(options.health_listen));

  // A GPU computes one shard at a time.
  ComputePool pool(device.cuda ? 1 : options.threads, ComputeOnThisThreadAlone,
                   [&progress] { progress.Tick(); });
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   MakeCoordinatorChannel(options.coordinator, options.security));
  CoordinatorFiles files(channel, progress);
  BlobCache cache(options.cache_dir, metrics, options.cache_limit);
  const TrainerFactory trainers(files, cache, device, pool);
  const ReducerOptions reducers = {
      .channel = channel,
      .coordinator = options.coordinator,
      .on_chunk = [&progress] { progress.Tick(); },
      .nccl = device.cuda ? NcclFactory(MakeNcclApi(*device.cuda)) : nullptr};
  v1::Hello hello = MakeHello(options, device, pool.threads());
  for (const v1::Reducer kind : ReducerKinds(reducers)) hello.add_reducers(kind);
  spdlog::info("worker {} on {} ({}), back end {}, {} threads; coordinator at {}",
               hello.worker_id(), device.name(), device.numerics.device(),
               device.numerics.backend(), pool.threads(), options.coordinator);
  Session session(channel, progress, metrics,
                  {.seed = std::hash<std::string>()(hello.worker_id()),
                   .on_standing = [&health](bool connected) {
                     if (health != nullptr) health->SetServing(connected);
                   }});
  Agent agent(hello, session,
              {.files = files,
               .trainers = trainers,
               .make_reducer =
                   [&reducers](v1::Reducer kind, const v1::ReduceHeader& header) {
                     return MakeReducer(reducers, kind, header);
                   },
               .metrics = metrics,
               .progress = progress});
  shutdown.SetAgent(&agent);
  const absl::Status status = agent.Run();
  shutdown.SetAgent(nullptr);
  return status;
}

}  // namespace

int RunWorkerProcess(int argc, const char* const* argv, Progress::Observer observer) {
  KeepFreedMemory();
  DisableMutexChecks();
  ComputeOnThisThreadAlone();
  const std::variant<Options, int> parsed = ParseOptions(argc, argv, std::cout, std::cerr);
  if (const int* exit_code = std::get_if<int>(&parsed)) return *exit_code;
  const Options& options = std::get<Options>(parsed);
  absl::Status status = InitLogging("worker", options.log_level);
  ShutdownRelay shutdown;
  const ShutdownSignal signal([&shutdown](int number) {
    spdlog::info("signal {}: leaving", number);
    shutdown.Notice();
  });
  Progress progress(std::move(observer));
  if (status.ok()) status = Run(options, progress, shutdown);
  if (status.ok()) return 0;
  spdlog::error("{}", std::string(status.message()));
  return 1;
}

}  // namespace outerloop::worker
