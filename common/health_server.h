// Whether a process serves, for those who supervise it.
#ifndef OUTERLOOP_COMMON_HEALTH_SERVER_H_
#define OUTERLOOP_COMMON_HEALTH_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/server.h"

namespace outerloop {

// The standard service grpc.health.v1 on a port of its own, without encryption, where it tells
// nothing else to anybody: what a supervisor asks need not be able to do more. Every other call is
// UNIMPLEMENTED. Thread-safe.
class HealthServer {
 public:
  // Listens on `address`, HOST:PORT; port 0 takes a free one. Says NOT_SERVING until told
  // otherwise. ALREADY_EXISTS, naming the address and the flag `--health-listen`, if it cannot.
  static absl::StatusOr<std::unique_ptr<HealthServer>> Start(const std::string& address);
  ~HealthServer();

  void SetServing(bool serving);
  // HOST:PORT, the port really taken.
  const std::string& address() const { return address_; }

 private:
  HealthServer() = default;

  grpc::CallbackGenericService others_;  // A server without any service does not start.
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_HEALTH_SERVER_H_
