// Calls as anybody can make them, without a client of ours.
#ifndef OUTERLOOP_TESTS_SECURITY_RAW_CALL_H_
#define OUTERLOOP_TESTS_SECURITY_RAW_CALL_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/channel_security.h"
#include "grpcpp/channel.h"

namespace outerloop::tests {

// A channel with a connection of its own.
std::shared_ptr<grpc::Channel> RawChannel(const std::string& address,
                                          const ChannelSecurity& security);

// What comes of a call of `method` ("outerloop.v1.JobService/GetJob") with one message, `request`,
// serialized: its status. A stream that goes on is left after five seconds: DEADLINE_EXCEEDED.
absl::Status RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::string& request = "");

}  // namespace outerloop::tests

#endif  // OUTERLOOP_TESTS_SECURITY_RAW_CALL_H_
