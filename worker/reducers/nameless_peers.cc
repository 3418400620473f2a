#include "worker/reducers/nameless_peers.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace outerloop::worker {
namespace {

std::atomic<bool> tolerated = false;

}  // namespace

void TolerateNamelessPeers() { tolerated = true; }

}  // namespace outerloop::worker

// Takes the place of the C library's for the whole program, shared libraries included.
extern "C" int getpeername(int socket, sockaddr* __restrict address,
                           socklen_t* __restrict length) noexcept {
  const long result = syscall(SYS_getpeername, socket, address, length);
  if (result == 0 || errno != ENOTCONN || !outerloop::worker::tolerated) {
    return static_cast<int>(result);
  }
  sockaddr_in nobody = {};
  nobody.sin_family = AF_INET;
  std::memcpy(address, &nobody, std::min<size_t>(*length, sizeof(nobody)));
  *length = sizeof(nobody);
  return 0;
}
