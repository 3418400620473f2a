// Who may call: the one seam through which every call comes.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_ACCESS_H_
#define OUTERLOOP_COORDINATOR_SECURITY_ACCESS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/security/caller.h"
#include "coordinator/security/server_security.h"
#include "coordinator/security/token_file.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/security/auth_metadata_processor.h"
#include "grpcpp/server_context.h"

namespace outerloop::coordinator {

// A call's metadata, as gRPC has it.
using CallMetadata = std::multimap<grpc::string_ref, grpc::string_ref>;

// Tells callers by their bearer token, where they send one, and else by the SPIFFE ID of their
// certificate. A wrong token is refused, whatever the certificate. Thread-safe.
class Access {
 public:
  // Asks nobody unless `security` has means to tell callers apart: then everybody is Anybody().
  // INVALID_ARGUMENT if its file of tokens cannot be used.
  static absl::StatusOr<std::unique_ptr<const Access>> Create(const ServerSecurity& security);

  // UNAUTHENTICATED, saying what to give, if the caller cannot be told.
  absl::StatusOr<Caller> Identify(const grpc::AuthContext& connection,
                                  const CallMetadata& metadata) const;

  // Whether a call of `method` (full, permissions.h) is let through: UNAUTHENTICATED as Identify,
  // PERMISSION_DENIED if it is not for the caller's role.
  absl::Status Admit(std::string_view method, const absl::StatusOr<Caller>& caller) const;

  // Of a call that was let through. One whose token has gone since owns nothing.
  Caller CallerOf(const grpc::ServerContextBase& call) const;

 private:
  Access(bool asks, std::unique_ptr<TokenFile> tokens) : asks_(asks), tokens_(std::move(tokens)) {}

  const bool asks_;
  const std::unique_ptr<TokenFile> tokens_;
};

// Is told of calls that are not let through. From any thread.
using OnRefused = std::function<void(std::string_view method, const absl::StatusOr<Caller>& caller,
                                     const absl::Status& why)>;

// Puts calls to `access`, which must outlive the server, before any service hears of them.
std::shared_ptr<grpc::AuthMetadataProcessor> MakeGate(const Access& access, OnRefused on_refused);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_ACCESS_H_
