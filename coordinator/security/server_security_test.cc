#include "coordinator/security/server_security.h"

#include "common/test_certificates.h"
#include "common/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;

class ServerSecurityTest : public testing::Test {
 protected:
  static std::string Refusal(const std::string& listen, const ServerSecurity& security) {
    return std::string(CheckServerSecurity(listen, security).message());
  }

  const TestFolder folder_;
  const TlsFiles files_ = TestAuthority().Issue(folder_.path());
  const TlsFiles no_ca_ = {.cert = files_.cert, .key = files_.key, .ca = ""};
};

TEST_F(ServerSecurityTest, AsksNothingOfThisMachine) {
  EXPECT_EQ(Refusal("localhost:7070", {}), "");
  EXPECT_EQ(Refusal("127.0.0.1:7070", {}), "");
}

TEST_F(ServerSecurityTest, LetsOthersComeOnlyWithTlsOrWhenTold) {
  EXPECT_THAT(Refusal("0.0.0.0:7070", {}), HasSubstr("--insecure"));
  EXPECT_EQ(Refusal("0.0.0.0:7070", {.tls = {}, .tokens_file = "", .insecure = true}), "");
  EXPECT_EQ(Refusal("0.0.0.0:7070", {.tls = files_}), "");
}

TEST_F(ServerSecurityTest, LetsOthersComeOnlyIfTheyCanBeToldApart) {
  EXPECT_THAT(Refusal("0.0.0.0:7070", {.tls = no_ca_}), HasSubstr("--tls-ca"));
  EXPECT_EQ(Refusal("0.0.0.0:7070", {.tls = no_ca_, .tokens_file = "", .insecure = true}), "");
  EXPECT_EQ(Refusal("localhost:7070", {.tls = no_ca_}), "");
}

TEST_F(ServerSecurityTest, TakesTokensOnlyWhereNobodyElseReadsThem) {
  EXPECT_EQ(Refusal("localhost:7070", {.tls = {}, .tokens_file = "tokens"}), "");
  EXPECT_EQ(Refusal("0.0.0.0:7070", {.tls = no_ca_, .tokens_file = "tokens"}), "");
  EXPECT_THAT(Refusal("0.0.0.0:7070", {.tls = {}, .tokens_file = "tokens", .insecure = true}),
              HasSubstr("in the clear"));
}

TEST_F(ServerSecurityTest, RefusesFilesThatAreOfNoUse) {
  const TlsFiles ca_alone = {.cert = "", .key = "", .ca = files_.ca};
  EXPECT_THAT(Refusal("localhost:7070", {.tls = ca_alone}), HasSubstr("--tls-ca: give"));
  const TlsFiles missing = {.cert = folder_ / "none", .key = files_.key, .ca = ""};
  EXPECT_THAT(Refusal("localhost:7070", {.tls = missing}), HasSubstr(folder_ / "none"));
}

}  // namespace
}  // namespace outerloop::coordinator
