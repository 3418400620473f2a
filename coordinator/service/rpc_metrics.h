// Calls of the coordinator's services, counted and timed.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_RPC_METRICS_H_
#define OUTERLOOP_COORDINATOR_SERVICE_RPC_METRICS_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "grpcpp/support/server_interceptor.h"
#include "grpcpp/support/status.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace outerloop::coordinator {

// Watches every call of the server's own services but for WorkerService's Session and AllReduce:
// those are streams that live as long as their workers and groups, whose messages must cost nothing
// more. A call that nobody serves is not counted, so the methods are those of the .proto files.
// Thread-safe.
class RpcMetrics {
 public:
  explicit RpcMetrics(prometheus::Registry& registry);

  // For the server's builder. Must outlive the server.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> Watcher();

  // A call of `method` ("JobService/GetJob") has ended.
  void Count(const std::string& method, grpc::StatusCode code, absl::Duration taken);

 private:
  prometheus::Family<prometheus::Counter>& calls_;
  prometheus::Family<prometheus::Histogram>& seconds_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_RPC_METRICS_H_
