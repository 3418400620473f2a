#include "coordinator/security/server_security.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/loopback.h"
#include "common/status_macros.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace outerloop::coordinator {

namespace {

std::shared_ptr<grpc::ServerCredentials> TlsServer(const ServerSecurity& security) {
  grpc::experimental::TlsServerCredentialsOptions options(WatchTlsFiles(security.tls));
  options.watch_identity_key_cert_pairs();
  if (!security.tls.ca.empty()) {
    options.watch_root_certs();
    // Who has a token needs no certificate.
    options.set_cert_request_type(security.tokens_file.empty()
                                      ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                      : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace

absl::Status CheckServerSecurity(const std::string& listen, const ServerSecurity& security) {
  RETURN_IF_ERROR(CheckTlsFiles(security.tls));
  const bool has_tls = !security.tls.cert.empty();
  if (!security.tls.ca.empty() && !has_tls) {
    return absl::InvalidArgumentError("--tls-ca: give --tls-cert and --tls-key as well");
  }
  if (IsLoopback(listen)) return absl::OkStatus();
  if (!security.tokens_file.empty() && !has_tls) {
    return absl::InvalidArgumentError(absl::StrCat("--tokens-file: tokens would come to ", listen,
                                                   " in the clear; give --tls-cert and ",
                                                   "--tls-key as well, or listen on localhost"));
  }
  if (security.insecure) return absl::OkStatus();
  if (!has_tls) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--listen: ", listen, " can be reached by others than this machine, and everybody may do ",
        "everything there; give --tls-cert, --tls-key and --tls-ca, listen on localhost, or say ",
        "--insecure"));
  }
  if (security.asks()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--tls-cert: everybody who comes may do everything; give --tls-ca or --tokens-file as "
      "well, or say --insecure");
}

std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    const ServerSecurity& security, std::shared_ptr<grpc::AuthMetadataProcessor> gate) {
  const bool has_tls = !security.tls.cert.empty();
  if (!has_tls && gate == nullptr) return grpc::InsecureServerCredentials();
  // Those without TLS take no gate; these do, and refuse whoever comes from elsewhere.
  auto credentials =
      has_tls ? TlsServer(security) : grpc::experimental::LocalServerCredentials(LOCAL_TCP);
  if (gate != nullptr) credentials->SetAuthMetadataProcessor(std::move(gate));
  return credentials;
}

}  // namespace outerloop::coordinator
