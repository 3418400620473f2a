// A coordinator, put together.
#ifndef OUTERLOOP_COORDINATOR_SERVER_H_
#define OUTERLOOP_COORDINATOR_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/health_server.h"
#include "common/metrics_server.h"
#include "coordinator/options.h"
#include "coordinator/security/access.h"
#include "coordinator/security/audit_log.h"
#include "coordinator/security/listener.h"
#include "coordinator/service/all_reduce_hub.h"
#include "coordinator/service/artifact_service.h"
#include "coordinator/service/blob_metrics.h"
#include "coordinator/service/board.h"
#include "coordinator/service/dataset_catalogue.h"
#include "coordinator/service/dataset_service.h"
#include "coordinator/service/engine.h"
#include "coordinator/service/engine_metrics.h"
#include "coordinator/service/evaluation_service.h"
#include "coordinator/service/event_service.h"
#include "coordinator/service/job_service.h"
#include "coordinator/service/rpc_metrics.h"
#include "coordinator/service/session_pulse.h"
#include "coordinator/service/session_registry.h"
#include "coordinator/service/sweep_service.h"
#include "coordinator/service/worker_dispatcher.h"
#include "coordinator/service/worker_service.h"
#include "coordinator/store/blob_store.h"
#include "coordinator/store/data_folder.h"
#include "coordinator/store/store.h"
#include "coordinator/sweeps/sweep_controller.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace outerloop::coordinator {

// Serves from Start until Shutdown. Also standard: grpc.health.v1 and server reflection.
class Server {
 public:
  // INVALID_ARGUMENT if the address may not be served so (CheckServerSecurity).
  // FAILED_PRECONDITION if the data folder is another coordinator's or of a newer release;
  // ALREADY_EXISTS if an address is in use, naming the flag.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Options& options);
  // As Shutdown with two seconds.
  ~Server();

  // Reports NOT_SERVING, refuses new work, ends streams, writes down everything, closes the store.
  // Calls that are still running after `grace` are cancelled. Idempotent.
  void Shutdown(absl::Duration grace);

  // Where it listens, HOST:PORT, the ports those really taken.
  const std::string& address() const { return address_; }
  const std::string& metrics_address() const { return metrics_address_; }
  // "" without Options.health_listen.
  std::string health_address() const { return health_ == nullptr ? "" : health_->address(); }

 private:
  // What a server is made of that can fail to be made.
  struct Parts {
    std::unique_ptr<const Access> access;
    std::unique_ptr<AuditLog> audit;  // Null: no audit.
    std::unique_ptr<DataFolder> folder;
    std::unique_ptr<Store> store;
    std::unique_ptr<BlobStore> blobs;
    std::unique_ptr<MetricsServer> metrics;
  };
  static absl::StatusOr<Parts> Open(const Options& options);

  Server(const Options& options, Parts parts);
  absl::Status Listen(const Options& options);
  // The credentials of its port, with the gate where callers are asked who they are.
  std::shared_ptr<grpc::ServerCredentials> Credentials(const ServerSecurity& security) const;
  void Intercept(grpc::ServerBuilder& builder);
  // Counts the connections that the listener turns away.
  std::function<void()> CountTurnedAway();

  // In the order in which they depend on each other.
  const Parts parts_;
  EngineMetrics engine_metrics_;
  BlobMetrics blob_metrics_;
  RpcMetrics rpc_metrics_;
  Board board_;
  SessionRegistry sessions_;
  SessionPulse pulse_;
  AllReduceHub hub_;
  DatasetCatalogue catalogue_;
  WorkerDispatcher dispatcher_;
  const BlobCollector collector_;
  Engine engine_;
  SweepController sweeps_;
  JobService job_service_;
  DatasetService dataset_service_;
  ArtifactService artifact_service_;
  EvaluationService evaluation_service_;
  EventService event_service_;
  SweepService sweep_service_;
  WorkerService worker_service_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<grpc::Server> grpc_server_;
  std::unique_ptr<HealthServer> health_;  // Null unless Options.health_listen says where.

  std::string address_;
  std::string metrics_address_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVER_H_
