// Which role may call which RPC. What is not in this table, nobody may call.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_PERMISSIONS_H_
#define OUTERLOOP_COORDINATOR_SECURITY_PERMISSIONS_H_

#include <span>
#include <string_view>

#include "coordinator/security/caller.h"

namespace outerloop::coordinator {

enum class Audience {
  kAnybody,  // Also those who do not say who they are.
  kKnown,    // Every role.
  kPeople,   // Clients and admins.
  kWorkers,  // Workers alone: an admin's credentials are not to compute with.
};

struct Permission {
  std::string_view method;  // Full, "outerloop.v1.JobService/GetJob".
  Audience audience;
  bool changes = false;  // It changes something: it is for the audit log.
};

std::span<const Permission> Permissions();

// Of `method`, full. Null if it is not in the table.
const Permission* FindPermission(std::string_view method);

bool Includes(Audience audience, Role role);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_PERMISSIONS_H_
