// Why a group had to form anew.
#ifndef OUTERLOOP_COORDINATOR_CORE_RECOVERY_H_
#define OUTERLOOP_COORDINATOR_CORE_RECOVERY_H_

namespace outerloop::coordinator {

enum class RecoveryCause {
  kConnection,   // A member's connection ended.
  kLease,        // Nothing was heard from a member for the lease.
  kStuck,        // A member, or all of them, lived and got nothing done.
  kLate,         // A member held all others up.
  kWorker,       // A member said that it is unfit.
  kPeers,        // A member lost its peers.
  kUnreachable,  // The reducer could not connect.
  kCoordinator,  // The coordinator was restarted, and the group was not whole again.
};

// All of them, with their names in logs and metrics.
inline constexpr struct {
  RecoveryCause cause;
  const char* name;
} kRecoveryCauses[] = {
    {RecoveryCause::kConnection, "connection"},
    {RecoveryCause::kLease, "lease"},
    {RecoveryCause::kStuck, "stuck"},
    {RecoveryCause::kLate, "late"},
    {RecoveryCause::kWorker, "worker"},
    {RecoveryCause::kPeers, "peers"},
    {RecoveryCause::kUnreachable, "unreachable"},
    {RecoveryCause::kCoordinator, "coordinator"},
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_RECOVERY_H_
