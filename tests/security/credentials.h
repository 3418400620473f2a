// Certificates and tokens of a cluster under test.
#ifndef OUTERLOOP_TESTS_SECURITY_CREDENTIALS_H_
#define OUTERLOOP_TESTS_SECURITY_CREDENTIALS_H_

#include <string>
#include <vector>

#include "common/channel_security.h"
#include "common/test_certificates.h"
#include "common/test_folder.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {

// One authority, a certificate for the coordinator on localhost, and what callers prove themselves
// with. A caller is named as ROLE/NAME, "client/ada". Thread-compatible.
class Credentials {
 public:
  Credentials();

  const TestAuthority& authority() const { return authority_; }
  // The coordinator's files, which its certificate can be replaced in.
  const TlsFiles& coordinator() const { return coordinator_; }
  std::string tokens_file() const { return folder_ / "tokens"; }

  // A certificate for a caller, good for so many seconds.
  ChannelSecurity Certificate(const std::string& caller, int valid_for_seconds = 3600) const;
  // A certificate for a caller by another authority that nobody believes; ours is believed.
  ChannelSecurity ForeignCertificate(const std::string& caller) const;
  // Believes the coordinator, and shows nothing.
  ChannelSecurity Nothing() const;
  // A token for a caller, from now on in the table of tokens.
  ChannelSecurity Token(const std::string& caller);
  // A token that is in no table.
  ChannelSecurity UnknownToken() const;
  // Empties the table of tokens.
  void ForgetTokens();

  // A coordinator with mutual TLS, or with TLS and tokens; certificates still count then.
  std::vector<std::string> MutualTls() const;
  std::vector<std::string> TlsAndTokens() const;

  // A cluster whose workers have a worker's certificate.
  ClusterSecurity Cluster(std::vector<std::string> coordinator_flags,
                          const ChannelSecurity& client) const;

 private:
  std::string NewFolder() const;
  ChannelSecurity WithToken(const std::string& token) const;

  const TestFolder folder_;
  mutable int folders_ = 0;
  const TestAuthority authority_;
  const TestAuthority foreign_;
  const TlsFiles coordinator_;
  std::string tokens_;  // The table's text.
};

// As the flags of a program.
std::vector<std::string> Flags(const TlsFiles& files);
std::vector<std::string> Flags(const ChannelSecurity& security);

}  // namespace outerloop::tests

#endif  // OUTERLOOP_TESTS_SECURITY_CREDENTIALS_H_
