// Every role against every RPC of a running coordinator, by certificate and by token.
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "coordinator/security/permissions.h"
#include "gtest/gtest.h"
#include "tests/security/credentials.h"
#include "tests/security/raw_call.h"

namespace outerloop::tests {
namespace {

// Said here once more, and otherwise: by services.
bool IsFor(const std::string& role, const std::string& method) {
  if (method == "grpc.health.v1.Health/Check") return true;
  if (role == "nobody") return false;
  if (absl::StartsWith(method, "grpc.")) return true;
  return absl::StartsWith(method, "outerloop.v1.WorkerService/") == (role == "worker");
}

class Roles : public testing::Test {
 protected:
  // Expects of a caller with these credentials what is right for `role`.
  void ExpectWhatIsRightFor(const std::string& role, const ChannelSecurity& security) {
    const auto channel = RawChannel(cluster_.address(), security);
    for (const coordinator::Permission& permission : coordinator::Permissions()) {
      const std::string method(permission.method);
      const absl::StatusCode code = RawCall(channel, method).code();
      const bool refused =
          code == absl::StatusCode::kPermissionDenied || code == absl::StatusCode::kUnauthenticated;
      EXPECT_EQ(refused, !IsFor(role, method)) << role << " " << method << " " << code;
      EXPECT_NE(code, absl::StatusCode::kUnavailable) << role << " " << method;
      if (refused) {
        EXPECT_EQ(code == absl::StatusCode::kUnauthenticated, role == "nobody") << method;
      }
    }
  }

  Credentials credentials_;
  Cluster cluster_{
      credentials_.Cluster(credentials_.TlsAndTokens(), credentials_.Certificate("admin/root"))};
};

TEST_F(Roles, ByCertificateMayCallTheirOwnAndNoOther) {
  for (const std::string role : {"client", "worker", "admin"}) {
    ExpectWhatIsRightFor(role, credentials_.Certificate(role + "/one"));
  }
}

TEST_F(Roles, ByTokenMayCallTheirOwnAndNoOther) {
  for (const std::string role : {"client", "worker", "admin"}) {
    ExpectWhatIsRightFor(role, credentials_.Token(role + "/one"));
  }
}

TEST_F(Roles, OfNobodyMayAskForHealth) {
  ExpectWhatIsRightFor("nobody", credentials_.Nothing());
  ExpectWhatIsRightFor("nobody", credentials_.UnknownToken());
  ExpectWhatIsRightFor("nobody", credentials_.Certificate("boss/one"));
}

TEST_F(Roles, MayCallNothingThatIsInNoTable) {
  const auto channel = RawChannel(cluster_.address(), credentials_.Certificate("admin/root"));
  EXPECT_TRUE(absl::IsPermissionDenied(RawCall(channel, "outerloop.v1.JobService/Invented")));
}

TEST_F(Roles, ATokenCountsBeforeACertificate) {
  ChannelSecurity both = credentials_.Certificate("admin/root");
  both.token_file = credentials_.Token("worker/one").token_file;
  ExpectWhatIsRightFor("worker", both);
  both.token_file = credentials_.UnknownToken().token_file;
  ExpectWhatIsRightFor("nobody", both);
}

// On one machine tokens do without TLS, and without both everybody may do everything.
TEST(RolesOnOneMachine, AreToldByTokensOrNotAtAll) {
  Credentials credentials;
  ChannelSecurity token = credentials.Token("client/ada");
  token.tls = {};
  const ChannelSecurity none;
  Cluster asking({.coordinator_flags = {"--tokens-file", credentials.tokens_file()},
                  .worker_flags = {},
                  .client = token});
  EXPECT_TRUE(asking.client().ListJobs().ok());
  const auto nobody = RawChannel(asking.address(), none);
  EXPECT_TRUE(absl::IsUnauthenticated(RawCall(nobody, "outerloop.v1.JobService/ListJobs")));
  Cluster trusting;
  const auto anybody = RawChannel(trusting.address(), none);
  EXPECT_TRUE(RawCall(anybody, "outerloop.v1.JobService/ListJobs").ok());
}

}  // namespace
}  // namespace outerloop::tests
