// Who calls.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_CALLER_H_
#define OUTERLOOP_COORDINATOR_SECURITY_CALLER_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace outerloop::coordinator {

enum class Role {
  kClient,  // Has jobs and data sets, and sees and changes its own.
  kWorker,  // Computes.
  kAdmin,   // A client for whom everybody's are its own.
};

// "client", "worker" or "admin".
std::string_view RoleName(Role role);

struct Caller {
  Role role = Role::kClient;
  std::string name;  // The owner of a client's jobs. "": of nobody in particular.

  bool operator==(const Caller&) const = default;
};

// Where nobody is asked who they are, everybody is this: an admin without a name.
inline Caller Anybody() { return {.role = Role::kAdmin, .name = ""}; }

// A role and a name as people write them; the name is 1 to 64 characters of [A-Za-z0-9._@-].
// INVALID_ARGUMENT, saying what is allowed.
absl::StatusOr<Caller> MakeCaller(std::string_view role, std::string_view name);

// Whom a certificate names by the SPIFFE ID spiffe://TRUST-DOMAIN/outerloop/ROLE/NAME in its
// subjectAltName. Any trust domain: who may give out certificates is the authorities' matter.
// INVALID_ARGUMENT for any other ID.
absl::StatusOr<Caller> CallerOfSpiffeId(std::string_view id);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_CALLER_H_
