#include "coordinator/security/server_security.h"

#include "absl/strings/str_cat.h"
#include "common/loopback.h"
#include "common/status_macros.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace outerloop::coordinator {

absl::Status CheckServerSecurity(const std::string& listen, const ServerSecurity& security) {
  RETURN_IF_ERROR(CheckTlsFiles(security.tls));
  const bool has_tls = !security.tls.cert.empty();
  if (!security.tls.ca.empty() && !has_tls) {
    return absl::InvalidArgumentError("--tls-ca: give --tls-cert and --tls-key as well");
  }
  if (IsLoopback(listen) || security.insecure) return absl::OkStatus();
  if (!has_tls) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--listen: ", listen, " can be reached by others than this machine, and everybody may do ",
        "everything there; give --tls-cert, --tls-key and --tls-ca, listen on localhost, or say ",
        "--insecure"));
  }
  if (!security.tls.ca.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--tls-cert: everybody who comes may do everything; give --tls-ca as well, or say "
      "--insecure");
}

std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(const ServerSecurity& security) {
  if (security.tls.cert.empty()) return grpc::InsecureServerCredentials();
  grpc::experimental::TlsServerCredentialsOptions options(WatchTlsFiles(security.tls));
  options.watch_identity_key_cert_pairs();
  if (!security.tls.ca.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace outerloop::coordinator
