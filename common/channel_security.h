// How a process secures its channel to the coordinator.
#ifndef OUTERLOOP_COMMON_CHANNEL_SECURITY_H_
#define OUTERLOOP_COMMON_CHANNEL_SECURITY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/tls_files.h"
#include "grpcpp/security/credentials.h"

namespace outerloop {

// Nothing given: no encryption, and nobody says who they are.
struct ChannelSecurity {
  TlsFiles tls;            // `ca` turns TLS on; `cert` and `key` are this process's own.
  std::string token_file;  // Holds the bearer token that says who this process is.

  bool any() const { return tls.any() || !token_file.empty(); }
  bool operator==(const ChannelSecurity&) const = default;
};

// Credentials for channels to `address`, HOST:PORT, whose certificate must be HOST's. Files that
// change are read again. INVALID_ARGUMENT, naming the flag, for files that are of no use, for a
// certificate without `ca`, and for a token that would travel to another machine without TLS.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeChannelCredentials(
    const std::string& address, const ChannelSecurity& security);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_CHANNEL_SECURITY_H_
