#include "coordinator/security/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"

namespace outerloop::coordinator {
namespace {

// A peer that takes nothing for so long is gone.
constexpr int kUserTimeoutMs = 15'000;
// Connections are counted no more often than this: it takes as long as there are connections.
constexpr absl::Duration kBetweenCounts = absl::Milliseconds(100);
// Free ports to try: one that is free at one address may be taken at another.
constexpr int kTries = 10;

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::StatusOr<Addresses> Resolve(const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with("[") && host.ends_with("]")) host = host.substr(1, host.size() - 2);
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
  if (error == 0) return Addresses(found, freeaddrinfo);
  return absl::InvalidArgumentError(
      absl::StrCat("--listen: ", address, ": ", gai_strerror(error), "; give HOST:PORT"));
}

void Set(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof(value));
}

uint16_t& PortOf(sockaddr_storage& address) {
  return address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                       : reinterpret_cast<sockaddr_in&>(address).sin_port;
}

absl::Status Failure(int error, const std::string& what) {
  const std::string text = absl::StrCat(what, ": ", strerror(error));
  return error == EADDRINUSE ? absl::AlreadyExistsError(text) : absl::InvalidArgumentError(text);
}

bool IsSameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(const std::string& address, size_t limit) {
  ASSIGN_OR_RETURN(const Addresses addresses, Resolve(address));
  absl::Status failure;
  for (int i = 0; i < kTries; ++i) {
    auto listener = std::unique_ptr<Listener>(new Listener(limit));
    failure = absl::OkStatus();
    for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
      const absl::Status added = listener->Add(*one);
      // A machine without IPv6 has a localhost with it all the same.
      if (!added.ok() && !absl::IsUnavailable(added)) failure = added;
    }
    if (failure.ok() && !listener->listening_.empty()) return listener;
    if (failure.ok()) failure = absl::InvalidArgumentError("no address of this machine");
  }
  return absl::Status(
      failure.code(),
      absl::StrCat("--listen: cannot listen on ", address, " (", failure.message(),
                   "); is another process using the port? Give another one, or 0 for any"));
}

absl::Status Listener::Add(const addrinfo& address) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return absl::UnavailableError("no such kind of address");
  listening_.push_back(fd);
  Set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  // These the connections inherit.
  Set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  Set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
  sockaddr_storage place{};
  memcpy(&place, address.ai_addr, address.ai_addrlen);
  if (port_ != 0) PortOf(place) = htons(static_cast<uint16_t>(port_));
  socklen_t size = address.ai_addrlen;
  auto* generic = reinterpret_cast<sockaddr*>(&place);
  if (bind(fd, generic, size) != 0 || listen(fd, SOMAXCONN) != 0) {
    const int error = errno;
    close(fd);
    listening_.pop_back();
    return error == EADDRNOTAVAIL ? absl::UnavailableError("no such address")
                                  : Failure(error, "bind");
  }
  size = sizeof(place);
  getsockname(fd, generic, &size);
  port_ = ntohs(PortOf(place));
  return absl::OkStatus();
}

Listener::~Listener() { Stop(); }

void Listener::Start(std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor,
                     std::function<void()> on_turned_away) {
  acceptor_ = std::move(acceptor);
  on_turned_away_ = std::move(on_turned_away);
  stop_ = eventfd(0, EFD_CLOEXEC);
  spare_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  thread_ = std::thread([this] { Run(); });
}

void Listener::Stop() {
  if (thread_.joinable()) {
    eventfd_write(stop_, 1);
    thread_.join();
    close(stop_);
    close(spare_);
  }
  for (const int fd : listening_) close(fd);
  listening_.clear();
}

void Listener::Run() {
  std::vector<pollfd> waited;
  for (const int fd : listening_) waited.push_back({.fd = fd, .events = POLLIN, .revents = 0});
  waited.push_back({.fd = stop_, .events = POLLIN, .revents = 0});
  while (true) {
    if (poll(waited.data(), waited.size(), /*timeout=*/-1) < 0 && errno != EINTR) return;
    if (waited.back().revents != 0) return;
    for (const pollfd& one : waited) {
      if (one.revents != 0) Accept(one.fd);
    }
  }
}

void Listener::Accept(int listening) {
  const int fd = accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0 && (errno == EMFILE || errno == ENFILE)) return TurnAwayWithoutAFile(listening);
  if (fd < 0) return;  // It is gone already.
  Connection connection{.fd = fd, .facts = {}};
  if (!HasRoom() || fstat(fd, &connection.facts) != 0) {
    on_turned_away_();
    close(fd);
    return;
  }
  open_.push_back(connection);
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters parameters;
  parameters.listener_fd = listening;
  parameters.fd = fd;
  acceptor_->HandleNewConnection(&parameters);
}

void Listener::TurnAwayWithoutAFile(int listening) {
  close(spare_);
  const int fd = accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) close(fd);
  spare_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  on_turned_away_();
}

// Nobody says when gRPC closes one: they are looked at when there seem to be too many.
bool Listener::HasRoom() {
  const absl::Time now = absl::Now();
  if (open_.size() >= limit_ && now - counted_ >= kBetweenCounts) {
    counted_ = now;
    std::erase_if(open_, [](const Connection& connection) {
      struct stat facts {};
      return fstat(connection.fd, &facts) != 0 || !IsSameFile(facts, connection.facts);
    });
  }
  return open_.size() < limit_;
}

}  // namespace outerloop::coordinator
