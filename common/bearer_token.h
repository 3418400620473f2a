// What a process without a certificate says to show who it is (RFC 6750).
#ifndef OUTERLOOP_COMMON_BEARER_TOKEN_H_
#define OUTERLOOP_COMMON_BEARER_TOKEN_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "grpcpp/security/credentials.h"

namespace outerloop {

// The key of a call's metadata, and what stands before the token in its value.
inline constexpr char kAuthorization[] = "authorization";
inline constexpr std::string_view kBearer = "Bearer ";

// Tokens have at least so many characters: 128 bits in hexadecimal.
inline constexpr size_t kShortestToken = 32;

// Whether `text` has the form of a token: 32 to 512 visible characters of ASCII.
bool IsToken(std::string_view text);

// The token in the file `path`, without white space around it. INVALID_ARGUMENT, naming the file
// and never its content, if it cannot be read or holds no token.
absl::StatusOr<std::string> ReadToken(const std::string& path);

// Sends the token in the file `path` with every call; the file is read for each, so that a new
// token counts at once. A call fails with UNAVAILABLE while it holds none. Only for channels that
// nobody listens to: those with TLS, or within this machine.
std::shared_ptr<grpc::CallCredentials> TokenCredentials(const std::string& path);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_BEARER_TOKEN_H_
