#include "common/channel_security.h"

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/bearer_token.h"
#include "common/test_certificates.h"
#include "common/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kToken[] = "0123456789abcdef0123456789abcdef";

class ChannelSecurityTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    EXPECT_TRUE(WriteFileAtomically(folder_ / name, text).ok());
    return folder_ / name;
  }
  static std::string Refusal(const std::string& address, const ChannelSecurity& security) {
    const auto credentials = MakeChannelCredentials(address, security);
    return credentials.ok() ? "" : std::string(credentials.status().message());
  }

  const TestFolder folder_;
  const TlsFiles files_ = TestAuthority().Issue(folder_.path());
};

TEST_F(ChannelSecurityTest, TakesWhatBelongsTogether) {
  const std::string token = Write("token", kToken);
  const TlsFiles ca_alone = {.cert = "", .key = "", .ca = files_.ca};
  EXPECT_EQ(Refusal("far:1", {}), "");
  EXPECT_EQ(Refusal("far:1", {.tls = files_, .token_file = ""}), "");
  EXPECT_EQ(Refusal("far:1", {.tls = ca_alone, .token_file = token}), "");
  EXPECT_EQ(Refusal("localhost:1", {.tls = {}, .token_file = token}), "");
}

TEST_F(ChannelSecurityTest, SendsNoTokenToAnotherMachineInTheClear) {
  const std::string token = Write("token", kToken);
  EXPECT_THAT(Refusal("far:1", {.tls = {}, .token_file = token}), HasSubstr("in the clear"));
}

TEST_F(ChannelSecurityTest, NeedsAnAuthorityForACertificate) {
  const TlsFiles no_ca = {.cert = files_.cert, .key = files_.key, .ca = ""};
  EXPECT_THAT(Refusal("far:1", {.tls = no_ca, .token_file = ""}), HasSubstr("--tls-ca"));
}

TEST_F(ChannelSecurityTest, NamesTheTokensFileAndNotTheToken) {
  for (const std::string& text : {std::string("too-short-a-secret"),
                                  absl::StrCat(kToken, " ", kToken), std::string(513, 'x')}) {
    const std::string path = Write("token", text);
    const std::string refusal = Refusal("localhost:1", {.tls = {}, .token_file = path});
    EXPECT_THAT(refusal, HasSubstr(path));
    EXPECT_THAT(refusal, Not(HasSubstr(text.substr(0, 18))));
  }
  EXPECT_THAT(Refusal("localhost:1", {.tls = {}, .token_file = folder_ / "none"}),
              HasSubstr("--token-file"));
}

TEST_F(ChannelSecurityTest, ReadsATokenWithoutTheEndOfItsLine) {
  EXPECT_EQ(*ReadToken(Write("token", absl::StrCat(" ", kToken, "\r\n"))), kToken);
}

}  // namespace
}  // namespace outerloop
