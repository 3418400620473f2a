// Who has which bearer token.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_TOKEN_TABLE_H_
#define OUTERLOOP_COORDINATOR_SECURITY_TOKEN_TABLE_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/sha256.h"
#include "coordinator/security/caller.h"

namespace outerloop::coordinator {

// Holds digests of tokens, never a token. Thread-safe.
class TokenTable {
 public:
  // A line a token: ROLE NAME TOKEN, or sha256:DIGEST in place of TOKEN; what follows a # is a
  // comment. Several tokens may stand for one caller. INVALID_ARGUMENT, naming the line and never
  // its token.
  static absl::StatusOr<TokenTable> Parse(std::string_view text);

  // Takes as long for every token of a length: tokens are compared by their digests, and with all
  // of the table.
  std::optional<Caller> Find(std::string_view token) const;

  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Sha256Digest digest;
    Caller caller;
  };
  static absl::StatusOr<Entry> ParseLine(std::string_view line);
  absl::Status Add(Entry entry);

  std::vector<Entry> entries_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_TOKEN_TABLE_H_
