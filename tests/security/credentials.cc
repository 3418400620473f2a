#include "tests/security/credentials.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/atomic_file.h"
#include "common/sha256.h"
#include "gtest/gtest.h"

namespace outerloop::tests {
namespace {

std::string SpiffeId(const std::string& caller) {
  return absl::StrCat("URI:spiffe://test/outerloop/", caller);
}

void Write(const std::string& path, const std::string& text) {
  const absl::Status written = WriteFileAtomically(path, text);
  if (!written.ok()) ADD_FAILURE() << written;
}

}  // namespace

Credentials::Credentials() : coordinator_(authority_.Issue(NewFolder())) { ForgetTokens(); }

std::string Credentials::NewFolder() const {
  const std::string folder = folder_ / std::to_string(folders_++);
  std::filesystem::create_directory(folder);
  return folder;
}

ChannelSecurity Credentials::Certificate(const std::string& caller, int valid_for_seconds) const {
  const TestSubject subject = {.names = SpiffeId(caller), .valid_for_seconds = valid_for_seconds};
  return {.tls = authority_.Issue(NewFolder(), subject), .token_file = ""};
}

ChannelSecurity Credentials::ForeignCertificate(const std::string& caller) const {
  TlsFiles files = foreign_.Issue(NewFolder(), {.names = SpiffeId(caller)});
  files.ca = coordinator_.ca;
  return {.tls = files, .token_file = ""};
}

ChannelSecurity Credentials::Nothing() const {
  return {.tls = {.cert = "", .key = "", .ca = coordinator_.ca}, .token_file = ""};
}

ChannelSecurity Credentials::WithToken(const std::string& token) const {
  ChannelSecurity security = Nothing();
  security.token_file = NewFolder() + "/token";
  Write(security.token_file, token);
  return security;
}

ChannelSecurity Credentials::Token(const std::string& caller) {
  const std::string token = Sha256Hex(caller + "'s secret");
  absl::StrAppend(&tokens_, absl::StrReplaceAll(caller, {{"/", " "}}), " sha256:", Sha256Hex(token),
                  "\n");
  Write(tokens_file(), tokens_);
  return WithToken(token);
}

ChannelSecurity Credentials::UnknownToken() const { return WithToken(std::string(40, 'x')); }

void Credentials::ForgetTokens() {
  tokens_ = "# ROLE NAME TOKEN\n";
  Write(tokens_file(), tokens_);
}

std::vector<std::string> Credentials::MutualTls() const { return Flags(coordinator_); }

std::vector<std::string> Credentials::TlsAndTokens() const {
  std::vector<std::string> flags = MutualTls();
  flags.insert(flags.end(), {"--tokens-file", tokens_file()});
  return flags;
}

ClusterSecurity Credentials::Cluster(std::vector<std::string> coordinator_flags,
                                     const ChannelSecurity& client) const {
  return {.coordinator_flags = std::move(coordinator_flags),
          .worker_flags = Flags(Certificate("worker/pool")),
          .client = client};
}

std::vector<std::string> Flags(const TlsFiles& files) {
  std::vector<std::string> flags;
  if (!files.cert.empty()) flags.insert(flags.end(), {"--tls-cert", files.cert});
  if (!files.key.empty()) flags.insert(flags.end(), {"--tls-key", files.key});
  if (!files.ca.empty()) flags.insert(flags.end(), {"--tls-ca", files.ca});
  return flags;
}

std::vector<std::string> Flags(const ChannelSecurity& security) {
  std::vector<std::string> flags = Flags(security.tls);
  if (!security.token_file.empty()) {
    flags.insert(flags.end(), {"--token-file", security.token_file});
  }
  return flags;
}

}  // namespace outerloop::tests
