// How much callers may ask for at a time.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_LIMITS_H_
#define OUTERLOOP_COORDINATOR_SECURITY_LIMITS_H_

#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace outerloop::coordinator {

struct Limits {
  uint32_t connections = 0;  // At a time; 0: as many as the limit of open files lets it have.
  int streams = 256;         // Calls at a time over one connection; more wait at the caller's.
  int message_mib = 8;       // MiB of a message that comes in.
  uint32_t jobs = 1000;      // Of an owner, that have not ended; 0: any number.
  uint32_t uploads = 16;     // Of data sets, by an owner, at a time; 0: any number.
  absl::Duration handshake = absl::Seconds(10);  // Until a connection has said what it must.
  absl::Duration idle = absl::Minutes(5);        // That a connection without a call stays.
  absl::Duration silence = absl::Minutes(1);     // Of an upload between two messages.
};

// Limits.jobs as a number to compare with.
inline uint32_t JobLimit(const Limits& limits) {
  return limits.jobs > 0 ? limits.jobs : std::numeric_limits<uint32_t>::max();
}

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_LIMITS_H_
