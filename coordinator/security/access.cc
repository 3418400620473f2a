#include "coordinator/security/access.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/bearer_token.h"
#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/security/permissions.h"

namespace outerloop::coordinator {
namespace {

constexpr char kMethod[] = ":path";

std::string_view ToView(const grpc::string_ref& text) { return {text.data(), text.size()}; }

// "" if there is none, or more than one: then nobody can say which one counts.
std::string_view Only(const CallMetadata& metadata, const char* key) {
  return metadata.count(key) == 1 ? ToView(metadata.find(key)->second) : std::string_view();
}

absl::Status Unauthenticated(const std::string& why) {
  return absl::UnauthenticatedError(
      absl::StrCat(why, "; give --token-file, or --tls-cert and --tls-key with a role"));
}

absl::StatusOr<Caller> CallerOfToken(TokenFile* tokens, std::string_view authorization) {
  if (tokens == nullptr) return Unauthenticated("this coordinator takes no tokens");
  if (!authorization.starts_with(kBearer)) return Unauthenticated("there must be one bearer token");
  const auto caller = tokens->Table()->Find(authorization.substr(kBearer.size()));
  if (!caller.has_value()) return Unauthenticated("the token is not known here");
  return *caller;
}

absl::StatusOr<Caller> CallerOfCertificate(const grpc::AuthContext& connection) {
  const std::vector<grpc::string_ref> ids =
      connection.FindPropertyValues(GRPC_PEER_SPIFFE_ID_PROPERTY_NAME);
  if (ids.size() != 1) return Unauthenticated("the call does not say who makes it");
  absl::StatusOr<Caller> caller = CallerOfSpiffeId(ToView(ids.front()));
  if (caller.ok()) return caller;
  return Unauthenticated(absl::StrCat("the certificate: ", caller.status().message()));
}

class Gate final : public grpc::AuthMetadataProcessor {
 public:
  Gate(const Access& access, OnRefused on_refused)
      : access_(access), on_refused_(std::move(on_refused)) {}

  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* connection,
                       OutputMetadata*, OutputMetadata*) override {
    std::string_view method = Only(metadata, kMethod);
    if (method.starts_with("/")) method.remove_prefix(1);
    const absl::StatusOr<Caller> caller = access_.Identify(*connection, metadata);
    const absl::Status status = access_.Admit(method, caller);
    if (!status.ok()) on_refused_(method, caller, status);
    return ToGrpcStatus(status);
  }

 private:
  const Access& access_;
  const OnRefused on_refused_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<const Access>> Access::Create(const ServerSecurity& security) {
  std::unique_ptr<TokenFile> tokens;
  if (!security.tokens_file.empty()) {
    ASSIGN_OR_RETURN(tokens, TokenFile::Open(security.tokens_file));
  }
  return std::unique_ptr<const Access>(new Access(security.asks(), std::move(tokens)));
}

absl::StatusOr<Caller> Access::Identify(const grpc::AuthContext& connection,
                                        const CallMetadata& metadata) const {
  if (!asks_) return Anybody();
  if (metadata.count(kAuthorization) == 0) return CallerOfCertificate(connection);
  return CallerOfToken(tokens_.get(), Only(metadata, kAuthorization));
}

absl::Status Access::Admit(std::string_view method, const absl::StatusOr<Caller>& caller) const {
  if (!asks_) return absl::OkStatus();
  const Permission* permission = FindPermission(method);
  if (permission != nullptr && permission->audience == Audience::kAnybody) return absl::OkStatus();
  if (!caller.ok()) return caller.status();
  if (permission != nullptr && Includes(permission->audience, caller->role)) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(absl::StrCat(std::string(method), " is not for the role ",
                                                  std::string(RoleName(caller->role)), ", which ",
                                                  caller->name, " has"));
}

Caller Access::CallerOf(const grpc::ServerContextBase& call) const {
  if (!asks_) return Anybody();
  return Identify(*call.auth_context(), call.client_metadata()).value_or(Caller{});
}

std::shared_ptr<grpc::AuthMetadataProcessor> MakeGate(const Access& access, OnRefused on_refused) {
  return std::make_shared<Gate>(access, std::move(on_refused));
}

}  // namespace outerloop::coordinator
