#include "worker/reducers/local_address.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace outerloop::worker {
namespace {

// The address that a socket connected to `destination` has at this end; "" if it cannot be. A
// datagram socket is connected without a packet sent.
std::string SourceFor(const addrinfo& destination) {
  const int socket = ::socket(destination.ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return "";
  const absl::Cleanup closer = [socket] { ::close(socket); };
  sockaddr_storage source = {};
  auto* const address = reinterpret_cast<sockaddr*>(&source);
  socklen_t size = sizeof(source);
  char name[NI_MAXHOST];
  const bool found =
      ::connect(socket, destination.ai_addr, destination.ai_addrlen) == 0 &&
      ::getsockname(socket, address, &size) == 0 &&
      ::getnameinfo(address, size, name, sizeof(name), nullptr, 0, NI_NUMERICHOST) == 0;
  return found ? name : "";
}

}  // namespace

absl::StatusOr<std::string> LocalAddressTowards(const std::string& target) {
  const size_t colon = target.rfind(':');
  if (colon == std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat("'", target, "' is not a HOST:PORT"));
  }
  std::string host = target.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);

  addrinfo hints = {};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), target.c_str() + colon + 1, &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot look up '", host, "': ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  for (const addrinfo* destination = found; destination; destination = destination->ai_next) {
    if (std::string source = SourceFor(*destination); !source.empty()) return source;
  }
  return absl::UnavailableError(absl::StrCat("no route leads to '", target, "'"));
}

}  // namespace outerloop::worker
