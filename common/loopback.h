// Addresses that only this machine reaches.
#ifndef OUTERLOOP_COMMON_LOOPBACK_H_
#define OUTERLOOP_COMMON_LOOPBACK_H_

#include <string>

namespace outerloop {

// Whether HOST of `address`, HOST:PORT, is localhost, 127.x.y.z or [::1]. Names are not looked up:
// another name for this machine is not one.
bool IsLoopback(const std::string& address);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_LOOPBACK_H_
