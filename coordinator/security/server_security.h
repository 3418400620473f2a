// What secures the coordinator's port.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_SERVER_SECURITY_H_
#define OUTERLOOP_COORDINATOR_SECURITY_SERVER_SECURITY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/tls_files.h"
#include "grpcpp/security/auth_metadata_processor.h"
#include "grpcpp/security/server_credentials.h"

namespace outerloop::coordinator {

struct ServerSecurity {
  TlsFiles tls = {};  // `cert` and `key` turn TLS on; with `ca`, peers show certificates of it.
  std::string tokens_file = "";  // Who has which bearer token (token_table.h). "": nobody.
  bool insecure = false;         // Others than this machine may come without TLS.

  // Callers can be told apart, and must say who they are.
  bool asks() const { return !tls.ca.empty() || !tokens_file.empty(); }
};

// INVALID_ARGUMENT, naming the flag, for files of TLS that are of no use; and where others than
// this machine reach `listen` (HOST:PORT): for tokens without TLS, and, unless `insecure`, for
// anything less than TLS and a way to tell callers apart.
absl::Status CheckServerSecurity(const std::string& listen, const ServerSecurity& security);

// Credentials of a port where `gate` sees every call first; null: nobody is asked. `security` has
// passed the check. Tokens without TLS are taken from this machine alone.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    const ServerSecurity& security, std::shared_ptr<grpc::AuthMetadataProcessor> gate);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_SERVER_SECURITY_H_
