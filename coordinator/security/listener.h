// The coordinator's port.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_LISTENER_H_
#define OUTERLOOP_COORDINATOR_SECURITY_LISTENER_H_

#include <netdb.h>
#include <sys/stat.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/server_builder.h"

namespace outerloop::coordinator {

// Takes connections, no more than a limit at a time, and hands them to a gRPC server; others are
// closed at once. gRPC's own listener knows no limit, and never listens again once there was no
// file left for a connection. Thread-compatible.
class Listener {
 public:
  // Listens at one port of every address that HOST of `address`, HOST:PORT, stands for; port 0: a
  // free one. At most `limit` connections at a time. ALREADY_EXISTS if the port is in use,
  // INVALID_ARGUMENT if the address is none of this machine's.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(const std::string& address, size_t limit);
  // Stop.
  ~Listener();

  int port() const { return port_; }

  // Hands connections to `acceptor`, whose server runs, in a thread of its own. `on_turned_away` is
  // called there for each that is closed. Once.
  void Start(std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor,
             std::function<void()> on_turned_away);
  // Takes no more, and frees the port. To be called before the server shuts down. Idempotent.
  void Stop();

 private:
  // A connection's file; its number may come to mean another.
  struct Connection {
    int fd;
    struct stat facts;
  };

  Listener(size_t limit) : limit_(limit) {}
  // Listens at one more address; takes its port if there is none yet.
  absl::Status Add(const addrinfo& address);
  void Run();
  void Accept(int listening);
  // Closes the connection that waits longest, for which there is no file left.
  void TurnAwayWithoutAFile(int listening);
  bool HasRoom();

  const size_t limit_;
  int port_ = 0;
  std::vector<int> listening_;
  int stop_ = -1;   // An eventfd: the thread is to end.
  int spare_ = -1;  // A file to give up when there is no other.
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::function<void()> on_turned_away_;

  // Of the thread.
  std::vector<Connection> open_;  // Those that were when last counted, and newer ones.
  absl::Time counted_ = absl::InfinitePast();

  std::thread thread_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_LISTENER_H_
