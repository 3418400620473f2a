#include "common/test_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace outerloop {

TestConnection::TestConnection(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  connected_ = fd_ >= 0 && connect(fd_, generic, sizeof(address)) == 0;
}

TestConnection::~TestConnection() {
  if (fd_ >= 0) close(fd_);
}

void TestConnection::Send(std::string_view bytes) const {
  send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::string TestConnection::ReadAll() const {
  std::string all;
  char buffer[4096];
  for (ssize_t got; (got = recv(fd_, buffer, sizeof(buffer), 0)) > 0;) all.append(buffer, got);
  return all;
}

bool TestConnection::IsTaken() const {
  char byte = 0;
  return recv(fd_, &byte, 1, MSG_PEEK) == 1;
}

bool TestConnection::IsClosed() const {
  char bytes[256];
  ssize_t got = 1;
  while (got > 0) got = recv(fd_, bytes, sizeof(bytes), MSG_DONTWAIT);
  return got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace outerloop
