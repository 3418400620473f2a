// What secures the coordinator's port.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_SERVER_SECURITY_H_
#define OUTERLOOP_COORDINATOR_SECURITY_SERVER_SECURITY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/tls_files.h"
#include "grpcpp/security/server_credentials.h"

namespace outerloop::coordinator {

struct ServerSecurity {
  TlsFiles tls;           // `cert` and `key` turn TLS on; with `ca`, peers show certificates of it.
  bool insecure = false;  // Others than this machine may come without TLS.
};

// INVALID_ARGUMENT, naming the flag, for files that are of no use; and, unless `insecure`, for a
// `listen` (HOST:PORT) that others than this machine reach where they could come without TLS or
// without a certificate.
absl::Status CheckServerSecurity(const std::string& listen, const ServerSecurity& security);

// Credentials of a port. `security` has passed the check.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(const ServerSecurity& security);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_SERVER_SECURITY_H_
