#include "coordinator/server.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/capacity_gauge.h"
#include "common/disk_space.h"
#include "common/file_limit.h"
#include "common/metrics.h"
#include "common/status_macros.h"
#include "coordinator/security/call_audit.h"
#include "coordinator/service/find_job.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/server_builder.h"
#include "prometheus/counter.h"
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

// A request of the sweeps' thread, which waits for it.
SweepController::Serve ServeBy(Engine& engine) {
  return [&engine](Decide decide) {
    absl::Status served;
    absl::Notification done;
    engine.Request(std::move(decide), [&](const absl::StatusOr<std::string>& id) {
      served = id.status();
      done.Notify();
    });
    done.WaitForNotification();
    return served;
  };
}

std::string HostOf(const std::string& address) { return address.substr(0, address.rfind(':')); }

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// Open files that are not for connections: the store, blobs, metrics, logs.
constexpr uint64_t kOtherFiles = 1024;

uint64_t ConnectionLimit(const Limits& limits) {
  if (limits.connections > 0) return limits.connections;
  const uint64_t files = RaiseFileLimit();
  return files > 2 * kOtherFiles ? files - kOtherFiles : files / 2;
}

void Configure(grpc::ServerBuilder& builder, const Limits& limits) {
  builder.SetMaxReceiveMessageSize(limits.message_mib << 20);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.streams);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(limits.handshake));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(limits.idle));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kStreamWindowBytes);
}

}  // namespace

absl::StatusOr<Server::Parts> Server::Open(const Options& options) {
  RETURN_IF_ERROR(CheckServerSecurity(options.listen, options.security));
  Parts parts;
  ASSIGN_OR_RETURN(parts.access, Access::Create(options.security));
  if (!options.audit_log.empty()) {
    ASSIGN_OR_RETURN(parts.audit, AuditLog::Open(options.audit_log));
  }
  ASSIGN_OR_RETURN(parts.folder, DataFolder::Lock(options.data_dir));
  ASSIGN_OR_RETURN(parts.store, Store::Open(parts.folder->database_path()));
  ASSIGN_OR_RETURN(parts.blobs, BlobStore::Open(parts.folder->blob_folder()));
  ASSIGN_OR_RETURN(parts.metrics,
                   MetricsServer::Start(HostOf(options.listen), options.metrics_port));
  return parts;
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options) {
  ASSIGN_OR_RETURN(Parts parts, Open(options));
  parts.metrics->Add(std::make_shared<CapacityGauge>(
      "outerloop_data_disk_bytes", "The disk that the data folder lies on.",
      [folder = options.data_dir] { return MeasureDisk(folder); }));
  auto server = std::unique_ptr<Server>(new Server(options, std::move(parts)));
  ASSIGN_OR_RETURN(const int swept, server->collector_.Sweep());
  if (swept > 0) spdlog::info("removed {} files that nothing names", swept);
  server->board_.Listen([&sweeps = server->sweeps_] { sweeps.Wake(); });
  server->sweeps_.Listen([&service = server->sweep_service_] { service.Refresh(); });
  RETURN_IF_ERROR(server->engine_.Start());
  RETURN_IF_ERROR(server->sweeps_.Start());
  RETURN_IF_ERROR(server->Listen(options));
  return server;
}

Server::Server(const Options& options, Parts parts)
    : parts_(std::move(parts)),
      engine_metrics_(parts_.metrics->registry()),
      blob_metrics_(parts_.metrics->registry()),
      rpc_metrics_(parts_.metrics->registry()),
      pulse_(sessions_),
      catalogue_(*parts_.store, *parts_.blobs),
      dispatcher_(catalogue_, sessions_, hub_),
      collector_(*parts_.store, *parts_.blobs),
      engine_(ToEngineOptions(options), *parts_.store, collector_, board_, dispatcher_,
              engine_metrics_),
      sweeps_(
          *parts_.store, ServeBy(engine_),
          [this](const std::string& id) { return FindJobById(board_, id); },
          [this] { return board_.Jobs(); }, JobLimit(options.limits)),
      job_service_(engine_, board_, catalogue_, *parts_.store, *parts_.access, options.limits),
      dataset_service_(catalogue_, *parts_.blobs, board_, blob_metrics_, *parts_.access,
                       options.limits),
      artifact_service_(board_, *parts_.store, *parts_.blobs, blob_metrics_, *parts_.access),
      evaluation_service_(board_, *parts_.store, *parts_.access),
      event_service_(board_, *parts_.store, *parts_.access),
      sweep_service_(sweeps_, board_, catalogue_, *parts_.access),
      worker_service_(engine_, sessions_, hub_, *parts_.blobs, blob_metrics_, collector_,
                      options.limits) {}

std::shared_ptr<grpc::ServerCredentials> Server::Credentials(const ServerSecurity& security) const {
  if (!security.asks()) return MakeServerCredentials(security, nullptr);
  OnRefused on_refused =
      parts_.audit == nullptr
          ? [](std::string_view, const absl::StatusOr<Caller>&, const absl::Status&) {}
          : AuditRefusals(*parts_.audit);
  return MakeServerCredentials(security, MakeGate(*parts_.access, std::move(on_refused)));
}

std::function<void()> Server::CountTurnedAway() {
  prometheus::Counter& counter =
      AddCounter(parts_.metrics->registry(), "outerloop_connections_turned_away_total",
                 "Connections beyond --max-connections.");
  return [&counter] { counter.Increment(); };
}

void Server::Intercept(grpc::ServerBuilder& builder) {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> all;
  all.push_back(rpc_metrics_.Watcher());
  if (parts_.audit != nullptr) all.push_back(MakeCallAudit(*parts_.access, *parts_.audit));
  builder.experimental().SetInterceptorCreators(std::move(all));
}

absl::Status Server::Listen(const Options& options) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  Configure(builder, options.limits);
  ASSIGN_OR_RETURN(listener_, Listener::Bind(options.listen, ConnectionLimit(options.limits)));
  auto acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      Credentials(options.security));
  builder.RegisterService(&job_service_);
  builder.RegisterService(&dataset_service_);
  builder.RegisterService(&artifact_service_);
  builder.RegisterService(&evaluation_service_);
  builder.RegisterService(&event_service_);
  builder.RegisterService(&sweep_service_);
  builder.RegisterService(&worker_service_);
  Intercept(builder);
  grpc_server_ = builder.BuildAndStart();
  if (grpc_server_ == nullptr) return absl::InternalError("gRPC's server does not start");
  listener_->Start(std::move(acceptor), CountTurnedAway());
  if (!options.health_listen.empty()) {
    ASSIGN_OR_RETURN(health_, HealthServer::Start(options.health_listen));
    health_->SetServing(true);
  }
  address_ = absl::StrCat(HostOf(options.listen), ":", listener_->port());
  metrics_address_ = absl::StrCat(HostOf(options.listen), ":", parts_.metrics->port());
  return absl::OkStatus();
}

Server::~Server() { Shutdown(absl::Seconds(2)); }

void Server::Shutdown(absl::Duration grace) {
  if (grpc_server_ != nullptr) {
    grpc_server_->GetHealthCheckService()->SetServingStatus(false);
    if (health_ != nullptr) health_->SetServing(false);
    listener_->Stop();
    // Streams last as long as their jobs: they are cancelled, and their peers come back.
    grpc_server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
  }
  sweeps_.Stop();
  engine_.Stop();
  grpc_server_ = nullptr;
}

}  // namespace outerloop::coordinator
