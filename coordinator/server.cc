#include "coordinator/server.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/capacity_gauge.h"
#include "common/disk_space.h"
#include "common/protocol.h"
#include "common/status_macros.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/server_builder.h"
#include "spdlog/spdlog.h"

namespace outerloop::coordinator {
namespace {

// A worker whose machine is gone is noticed after these two, if its end of the stream never says
// so.
constexpr int kKeepaliveMs = 10'000;
constexpr int kKeepaliveTimeoutMs = 5'000;

// Bytes of a stream that a client may send ahead of what was read. Fixed: probing each connection
// for a better value costs a fifth of the coordinator's time under thousands of workers.
constexpr int kStreamWindowBytes = 4 << 20;

EngineOptions ToEngineOptions(const Options& options) {
  EngineOptions engine;
  if (options.worker_quota > 0) engine.core.worker_quota = options.worker_quota;
  return engine;
}

std::string HostOf(const std::string& address) { return address.substr(0, address.rfind(':')); }

void Configure(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kStreamWindowBytes);
  // Two servers on one port would each get half of the connections.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options) {
  RETURN_IF_ERROR(CheckServerSecurity(options.listen, options.security));
  ASSIGN_OR_RETURN(auto folder, DataFolder::Lock(options.data_dir));
  ASSIGN_OR_RETURN(auto store, Store::Open(folder->database_path()));
  ASSIGN_OR_RETURN(auto blobs, BlobStore::Open(folder->blob_folder()));
  ASSIGN_OR_RETURN(auto metrics,
                   MetricsServer::Start(HostOf(options.listen), options.metrics_port));
  metrics->Add(std::make_shared<CapacityGauge>(
      "outerloop_data_disk_bytes", "The disk that the data folder lies on.",
      [folder = options.data_dir] { return MeasureDisk(folder); }));
  auto server = std::unique_ptr<Server>(new Server(options, std::move(folder), std::move(store),
                                                   std::move(blobs), std::move(metrics)));
  ASSIGN_OR_RETURN(const int swept, server->collector_.Sweep());
  if (swept > 0) spdlog::info("removed {} files that nothing names", swept);
  RETURN_IF_ERROR(server->engine_.Start());
  RETURN_IF_ERROR(server->Listen(options));
  return server;
}

Server::Server(const Options& options, std::unique_ptr<DataFolder> folder,
               std::unique_ptr<Store> store, std::unique_ptr<BlobStore> blobs,
               std::unique_ptr<MetricsServer> metrics)
    : folder_(std::move(folder)),
      store_(std::move(store)),
      blobs_(std::move(blobs)),
      metrics_(std::move(metrics)),
      engine_metrics_(metrics_->registry()),
      blob_metrics_(metrics_->registry()),
      rpc_metrics_(metrics_->registry()),
      pulse_(sessions_),
      catalogue_(*store_, *blobs_),
      dispatcher_(catalogue_, sessions_, hub_),
      collector_(*store_, *blobs_),
      engine_(ToEngineOptions(options), *store_, collector_, board_, dispatcher_, engine_metrics_),
      job_service_(engine_, board_, catalogue_, *store_),
      dataset_service_(catalogue_, *blobs_, board_, blob_metrics_),
      artifact_service_(board_, *store_, *blobs_, blob_metrics_),
      evaluation_service_(*store_),
      worker_service_(engine_, sessions_, hub_, *blobs_, blob_metrics_, collector_) {}

absl::Status Server::Listen(const Options& options) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  Configure(builder);
  int port = 0;
  builder.AddListeningPort(options.listen, MakeServerCredentials(options.security), &port);
  builder.RegisterService(&job_service_);
  builder.RegisterService(&dataset_service_);
  builder.RegisterService(&artifact_service_);
  builder.RegisterService(&evaluation_service_);
  builder.RegisterService(&worker_service_);
  rpc_metrics_.Watch(builder);
  grpc_server_ = builder.BuildAndStart();
  if (grpc_server_ == nullptr || port == 0) {
    return absl::AlreadyExistsError(
        absl::StrCat("--listen: cannot listen on ", options.listen,
                     "; is another process using the port? Give another one, or 0 for any"));
  }
  if (!options.health_listen.empty()) {
    ASSIGN_OR_RETURN(health_, HealthServer::Start(options.health_listen));
    health_->SetServing(true);
  }
  address_ = absl::StrCat(HostOf(options.listen), ":", port);
  metrics_address_ = absl::StrCat(HostOf(options.listen), ":", metrics_->port());
  return absl::OkStatus();
}

Server::~Server() { Shutdown(absl::Seconds(2)); }

void Server::Shutdown(absl::Duration grace) {
  if (grpc_server_ == nullptr) return;
  grpc_server_->GetHealthCheckService()->SetServingStatus(false);
  if (health_ != nullptr) health_->SetServing(false);
  // Streams last as long as their jobs: they are cancelled, and their peers come back.
  grpc_server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
  engine_.Stop();
  grpc_server_ = nullptr;
}

}  // namespace outerloop::coordinator
