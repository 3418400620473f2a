#include "worker/process.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "common/log.h"
#include "common/metrics_server.h"
#include "common/protocol.h"
#include "common/shutdown_signal.h"
#include "common/status_macros.h"
#include "worker/agent.h"
#include "worker/allocator.h"
#include "worker/blob_cache.h"
#include "worker/channel.h"
#include "worker/compute_pool.h"
#include "worker/coordinator_files.h"
#include "worker/device.h"
#include "worker/mailbox.h"
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

v1::Hello MakeHello(const Device& device, int threads) {
  std::random_device random;
  v1::Hello hello;
  hello.set_protocol_version(kWorkerProtocolVersion);
  hello.set_host(HostName());
  hello.set_pid(getpid());
  hello.set_worker_id(
      absl::StrFormat("%s-%d-%08x", hello.host(), getpid(), static_cast<uint32_t>(random())));
  hello.set_threads(threads);
  *hello.mutable_numerics() = device.numerics;
  return hello;
}

// Until the shutdown signal closes `mailbox` (OK), or the coordinator refuses this worker.
absl::Status Run(const Options& options, Mailbox& mailbox) {
  ASSIGN_OR_RETURN(const Device device, SelectDevice(options.device));
  ASSIGN_OR_RETURN(const auto server, MetricsServer::Start("localhost", options.metrics_port));
  std::cout << "metrics on localhost:" << server->port() << std::endl;
  WorkerMetrics metrics(server->registry());

  // A GPU computes one shard at a time.
  ComputePool pool(device.cuda ? 1 : options.threads, ComputeOnThisThreadAlone);
  const auto channel = MakeCoordinatorChannel(options.coordinator);
  CoordinatorFiles files(channel);
  BlobCache cache(options.cache_dir, metrics);
  const TrainerFactory trainers(files, cache, device, pool);
  const ReducerOptions reducers = {
      .channel = channel,
      .coordinator = options.coordinator,
      .nccl = device.cuda ? NcclFactory(MakeNcclApi(*device.cuda)) : nullptr};
  v1::Hello hello = MakeHello(device, pool.threads());
  for (const v1::Reducer kind : ReducerKinds(reducers)) hello.add_reducers(kind);
  spdlog::info("worker {} on {} ({}), {} threads; coordinator at {}", hello.worker_id(),
               device.name(), device.numerics.device(), pool.threads(), options.coordinator);
  Session session(channel, hello, mailbox, metrics);
  Agent agent({.mailbox = mailbox,
               .session = session,
               .files = files,
               .trainers = trainers,
               .make_reducer =
                   [&reducers](v1::Reducer kind, const v1::ReduceHeader& header) {
                     return MakeReducer(reducers, kind, header);
                   },
               .metrics = metrics});
  agent.Run();
  return session.Close();
}

}  // namespace

int RunWorkerProcess(int argc, const char* const* argv) {
  KeepFreedMemory();
  ComputeOnThisThreadAlone();
  const std::variant<Options, int> parsed = ParseOptions(argc, argv, std::cout, std::cerr);
  if (const int* exit_code = std::get_if<int>(&parsed)) return *exit_code;
  const Options& options = std::get<Options>(parsed);
  Mailbox mailbox;
  absl::Status status = InitLogging("worker", options.log_level);
  const ShutdownSignal signal([&mailbox](int number) {
    spdlog::info("signal {}: finishing the current step", number);
    mailbox.Close();
  });
  if (status.ok()) status = Run(options, mailbox);
  if (status.ok()) return 0;
  spdlog::error("{}", std::string(status.message()));
  return 1;
}

}  // namespace outerloop::worker
