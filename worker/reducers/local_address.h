// Where other machines reach this one.
#ifndef OUTERLOOP_WORKER_REDUCERS_LOCAL_ADDRESS_H_
#define OUTERLOOP_WORKER_REDUCERS_LOCAL_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"

namespace outerloop::worker {

// The numeric address, IPv4 or IPv6, that this machine's traffic to `target`, a HOST:PORT, comes
// from: a loopback address if that is this machine itself. Looks the name up, which may block as
// long as the system's resolver does; sends nothing. INVALID_ARGUMENT if `target` has no port,
// UNAVAILABLE if the name is unknown or no route leads there.
absl::StatusOr<std::string> LocalAddressTowards(const std::string& target);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_LOCAL_ADDRESS_H_
