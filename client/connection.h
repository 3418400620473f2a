// The line to a coordinator: one channel, and how calls on it are made again.
#ifndef OUTERLOOP_CLIENT_CONNECTION_H_
#define OUTERLOOP_CLIENT_CONNECTION_H_

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "common/channel_security.h"
#include "common/grpc_status.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace outerloop::client {

struct ClientOptions {
  // Certificates and token. Default: no encryption.
  ChannelSecurity security = {};
  // To connect in the first place. > 0.
  absl::Duration connect_timeout = absl::Seconds(3);
  // One attempt of a call with one answer. > 0.
  absl::Duration call_timeout = absl::Seconds(20);
  // One attempt to send or fetch a file. > 0.
  absl::Duration transfer_timeout = absl::Minutes(30);
  // One stream of a watch or an evaluation, which is then taken up again. > 0.
  absl::Duration stream_timeout = absl::Minutes(10);
  // How long a coordinator may be away, e.g. to restart, before a call fails. >= 0.
  absl::Duration retry_for = absl::Seconds(60);
  // Between attempts.
  BackoffOptions backoff = {};
  // Stops every call, which then ends with CANCELLED.
  std::stop_token stop = {};
  // Called before each wait for the next attempt, from the thread of the call. May be empty.
  std::function<void(const absl::Status& failure)> on_retry = nullptr;

  // INVALID_ARGUMENT if a value is outside its range.
  absl::Status Validate() const;
};

// Thread-safe.
class Connection {
 public:
  // `address` is HOST:PORT. Blocks for at most `connect_timeout`; UNAVAILABLE, saying what to do,
  // if nothing listens there or the two sides do not believe each other's certificates;
  // INVALID_ARGUMENT for options that cannot be.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& address,
                                                          const ClientOptions& options);
  // On a channel that exists, of which nothing is checked.
  Connection(std::shared_ptr<grpc::Channel> channel, std::string address, ClientOptions options);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const ClientOptions& options() const { return options_; }

  // One try of a call.
  struct Attempt {
    grpc::ClientContext context;  // With the deadline.
    bool progress = false;        // To be set once the coordinator has answered something.
  };

  // Makes `call` until it ends with anything but UNAVAILABLE, with a deadline of `timeout` each
  // time; but for at most `retry_for` without progress. Blocks. The status of the last attempt,
  // with the address and what to do where there was no answer; CANCELLED once `stop` is requested.
  absl::Status Retry(absl::Duration timeout, absl::FunctionRef<absl::Status(Attempt&)> call) const;

  // The same for a method of `stub` with one answer.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Stub& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) const {
    Response response;
    const absl::Status status = Retry(options_.call_timeout, [&](Attempt& attempt) {
      return FromGrpcStatus((stub.*method)(&attempt.context, request, &response));
    });
    if (!status.ok()) return status;
    return response;
  }

 private:
  absl::Status TryOnce(absl::FunctionRef<absl::Status(Attempt&)> call, Attempt& attempt) const;
  absl::Status Explain(const absl::Status& status, absl::Duration timeout) const;

  const std::shared_ptr<grpc::Channel> channel_;
  const std::string address_;
  const ClientOptions options_;
};

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_CONNECTION_H_
