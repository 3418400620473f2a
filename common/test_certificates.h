// Certificates made while a test runs.
#ifndef OUTERLOOP_COMMON_TEST_CERTIFICATES_H_
#define OUTERLOOP_COMMON_TEST_CERTIFICATES_H_

#include <memory>
#include <string>

#include "common/tls_files.h"

namespace outerloop {

// What a certificate says.
struct TestSubject {
  // As OpenSSL writes subjectAltName: "DNS:localhost", "URI:spiffe://test/outerloop/client/ada".
  std::string names = "DNS:localhost,IP:127.0.0.1";
  int valid_for_seconds = 3600;  // From an hour ago on; negative: it has expired.
};

// An authority of a test's own, with P-256 keys. For tests only: what fails aborts.
// Thread-compatible.
class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();

  // Writes cert.pem, key.pem and ca.pem into `folder`, which is there; each replaces at once what
  // stands in its place.
  TlsFiles Issue(const std::string& folder, const TestSubject& subject = {}) const;

 private:
  struct Identity;
  const std::unique_ptr<const Identity> self_;
};

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_TEST_CERTIFICATES_H_
