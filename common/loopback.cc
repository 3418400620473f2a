#include "common/loopback.h"

#include <arpa/inet.h>

namespace outerloop {

bool IsLoopback(const std::string& address) {
  const std::string host = address.substr(0, address.rfind(':'));
  if (host == "localhost" || host == "[::1]") return true;
  in_addr parsed{};
  if (inet_pton(AF_INET, host.c_str(), &parsed) != 1) return false;
  return ntohl(parsed.s_addr) >> 24 == 127;
}

}  // namespace outerloop
