// The files that TLS works with.
#ifndef OUTERLOOP_COMMON_TLS_FILES_H_
#define OUTERLOOP_COMMON_TLS_FILES_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "grpcpp/security/tls_certificate_provider.h"

namespace outerloop {

// PEM files. Empty: not given.
struct TlsFiles {
  std::string cert;  // What this process shows; intermediate certificates follow its own.
  std::string key;   // The private key of it, not encrypted.
  std::string ca;    // The authorities whose certificates are believed, one or more.

  bool any() const { return !cert.empty() || !key.empty() || !ca.empty(); }
  bool operator==(const TlsFiles&) const = default;
};

// Reads what is given: INVALID_ARGUMENT, naming the flag (--tls-cert, --tls-key, --tls-ca) and the
// file, if one cannot be read or holds no such thing, if a certificate or key is given without the
// other, or if they do not belong together.
absl::Status CheckTlsFiles(const TlsFiles& files);

// The files' contents for gRPC, which reads them again every second: who connects from then on is
// shown, and measured by, the new ones. A certificate and its key are to be replaced together, by
// one rename of a folder or of a link to it; while they do not fit, nobody new can connect.
std::shared_ptr<grpc::experimental::CertificateProviderInterface> WatchTlsFiles(
    const TlsFiles& files);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_TLS_FILES_H_
