#include "client/connection.h"

#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "client/retry_policy.h"
#include "common/loopback.h"
#include "common/protocol.h"
#include "common/status_macros.h"
#include "grpcpp/create_channel.h"

namespace outerloop::client {
namespace {

constexpr char kAdvice[] = "; start one with `outerloop up`, or give --address HOST:PORT";

// What else it may be: who is not believed is hung up on, and not told why.
std::string AdviceOnTls(const std::string& address, const ChannelSecurity& security) {
  if (!security.tls.ca.empty()) {
    return absl::StrCat("; or else its certificate is none of ", security.tls.ca,
                        " for this host, or it does not believe the one of --tls-cert");
  }
  return IsLoopback(address) ? "" : "; if it wants TLS, give --tls-ca FILE";
}

grpc::ChannelArguments ChannelArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  // A coordinator that restarts is back within seconds: look for it as often.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return arguments;
}

absl::Status CheckPositive(absl::Duration value, const std::string& name) {
  if (value > absl::ZeroDuration()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, ": ", absl::FormatDuration(value), " is not allowed; more than 0"));
}

// Returns early once `stop` is requested.
void WaitFor(absl::Duration duration, const std::stop_token& stop) {
  absl::Notification stopped;
  const std::stop_callback callback(stop, [&stopped] { stopped.Notify(); });
  stopped.WaitForNotificationWithTimeout(duration);
}

}  // namespace

absl::Status ClientOptions::Validate() const {
  RETURN_IF_ERROR(CheckPositive(connect_timeout, "connect_timeout"));
  RETURN_IF_ERROR(CheckPositive(call_timeout, "call_timeout"));
  RETURN_IF_ERROR(CheckPositive(transfer_timeout, "transfer_timeout"));
  RETURN_IF_ERROR(CheckPositive(stream_timeout, "stream_timeout"));
  if (retry_for >= absl::ZeroDuration()) return absl::OkStatus();
  return absl::InvalidArgumentError("retry_for: must not be negative");
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& address,
                                                             const ClientOptions& options) {
  RETURN_IF_ERROR(options.Validate());
  ASSIGN_OR_RETURN(const auto credentials, MakeChannelCredentials(address, options.security));
  auto channel = grpc::CreateCustomChannel(address, credentials, ChannelArguments());
  if (!channel->WaitForConnected(absl::ToChronoTime(absl::Now() + options.connect_timeout))) {
    return absl::UnavailableError(absl::StrCat("no coordinator answers at ", address, kAdvice,
                                               AdviceOnTls(address, options.security)));
  }
  return std::make_unique<Connection>(std::move(channel), address, options);
}

Connection::Connection(std::shared_ptr<grpc::Channel> channel, std::string address,
                       ClientOptions options)
    : channel_(std::move(channel)), address_(std::move(address)), options_(std::move(options)) {}

absl::Status Connection::Retry(absl::Duration timeout,
                               absl::FunctionRef<absl::Status(Attempt&)> call) const {
  RetryPolicy policy(options_.retry_for, options_.backoff, std::random_device()());
  while (true) {
    Attempt attempt;
    SetTimeout(attempt.context, timeout);
    const absl::Status status = TryOnce(call, attempt);
    if (status.ok()) return status;
    if (attempt.progress) policy.AfterProgress();
    const auto wait = policy.AfterFailure(status, absl::Now());
    if (!wait.has_value()) return Explain(status, timeout);
    if (options_.on_retry) options_.on_retry(status);
    WaitFor(*wait, options_.stop);
  }
}

absl::Status Connection::TryOnce(absl::FunctionRef<absl::Status(Attempt&)> call,
                                 Attempt& attempt) const {
  const std::stop_callback cancel(options_.stop, [&attempt] { attempt.context.TryCancel(); });
  if (options_.stop.stop_requested()) return absl::CancelledError("stopped");
  absl::Status status = call(attempt);
  if (options_.stop.stop_requested() && !status.ok()) return absl::CancelledError("stopped");
  // Nobody here cancelled the call: a coordinator that shuts down did.
  if (absl::IsCancelled(status)) return absl::UnavailableError(status.message());
  return status;
}

absl::Status Connection::Explain(const absl::Status& status, absl::Duration timeout) const {
  const auto with_reason = [&](const std::string& text) {
    return absl::Status(status.code(), absl::StrCat(text, " (", status.message(), ")"));
  };
  if (absl::IsUnavailable(status)) {
    return with_reason(absl::StrCat("no answer from the coordinator at ", address_, " for ",
                                    absl::FormatDuration(options_.retry_for), kAdvice));
  }
  if (absl::IsDeadlineExceeded(status)) {
    return with_reason(absl::StrCat("the coordinator at ", address_, " did not answer within ",
                                    absl::FormatDuration(timeout)));
  }
  return status;
}

}  // namespace outerloop::client
