#include "coordinator/security/token_table.h"

#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/bearer_token.h"
#include "common/constant_time.h"
#include "common/status_macros.h"

namespace outerloop::coordinator {
namespace {

Sha256Digest DigestOf(std::string_view bytes) {
  Sha256 digest;
  digest.Update(bytes);
  return digest.Finish();
}

// TOKEN or sha256:DIGEST.
absl::StatusOr<Sha256Digest> ParseDigest(const std::string& text) {
  absl::string_view hex = text;
  if (!absl::ConsumePrefix(&hex, "sha256:")) {
    if (IsToken(text)) return DigestOf(text);
    return absl::InvalidArgumentError(
        absl::StrCat("a token has ", kShortestToken, " characters or more"));
  }
  if (!IsSha256Hex(std::string_view(hex.data(), hex.size()))) {
    return absl::InvalidArgumentError("sha256: takes 64 lower-case hexadecimal digits");
  }
  const std::string bytes = absl::HexStringToBytes(hex);
  Sha256Digest digest{};
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

}  // namespace

absl::StatusOr<TokenTable::Entry> TokenTable::ParseLine(std::string_view line) {
  const std::vector<std::string> words =
      absl::StrSplit(std::string(line), absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
  if (words.size() != 3) return absl::InvalidArgumentError("a line is ROLE NAME TOKEN");
  Entry entry;
  ASSIGN_OR_RETURN(entry.caller, MakeCaller(words[0], words[1]));
  ASSIGN_OR_RETURN(entry.digest, ParseDigest(words[2]));
  return entry;
}

absl::Status TokenTable::Add(Entry entry) {
  for (const Entry& other : entries_) {
    if (other.digest == entry.digest)
      return absl::InvalidArgumentError("a token stands there twice");
  }
  entries_.push_back(std::move(entry));
  return absl::OkStatus();
}

absl::StatusOr<TokenTable> TokenTable::Parse(std::string_view text) {
  TokenTable table;
  int number = 0;
  for (const absl::string_view whole : absl::StrSplit(std::string(text), '\n')) {
    ++number;
    const std::string line(whole.substr(0, whole.find('#')));
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    absl::StatusOr<Entry> entry = ParseLine(line);
    const absl::Status status = entry.ok() ? table.Add(*std::move(entry)) : entry.status();
    if (!status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, ": ", status.message()));
    }
  }
  return table;
}

std::optional<Caller> TokenTable::Find(std::string_view token) const {
  const Sha256Digest digest = DigestOf(token);
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    if (EqualInConstantTime(entry.digest, digest)) found = &entry;
  }
  return found == nullptr ? std::nullopt : std::make_optional(found->caller);
}

}  // namespace outerloop::coordinator
