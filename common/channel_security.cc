#include "common/channel_security.h"

#include "absl/strings/str_cat.h"
#include "common/bearer_token.h"
#include "common/loopback.h"
#include "common/status_macros.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace outerloop {
namespace {

std::shared_ptr<grpc::ChannelCredentials> TlsChannel(const TlsFiles& files) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(WatchTlsFiles(files));
  options.watch_root_certs();
  if (!files.cert.empty()) options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

absl::Status Check(const std::string& address, const ChannelSecurity& security) {
  RETURN_IF_ERROR(CheckTlsFiles(security.tls));
  if (!security.tls.ca.empty()) return absl::OkStatus();
  if (security.tls.any()) {
    return absl::InvalidArgumentError(
        "--tls-cert: give --tls-ca as well, by which the coordinator's certificate is checked");
  }
  if (security.token_file.empty() || IsLoopback(address)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--token-file: would go to ", address, " in the clear; give --tls-ca as well"));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeChannelCredentials(
    const std::string& address, const ChannelSecurity& security) {
  RETURN_IF_ERROR(Check(address, security));
  const bool tls = !security.tls.ca.empty();
  if (security.token_file.empty()) {
    return tls ? TlsChannel(security.tls) : grpc::InsecureChannelCredentials();
  }
  RETURN_IF_ERROR(ReadToken(security.token_file).status());
  return grpc::CompositeChannelCredentials(
      tls ? TlsChannel(security.tls) : grpc::experimental::LocalCredentials(LOCAL_TCP),
      TokenCredentials(security.token_file));
}

}  // namespace outerloop
