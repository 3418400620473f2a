#include "common/tls_files.h"

#include "common/atomic_file.h"
#include "common/test_certificates.h"
#include "common/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class TlsFilesTest : public testing::Test {
 protected:
  // Expects a refusal that says all of these.
  void ExpectRefused(const TlsFiles& files, const std::string& flag, const std::string& why) {
    const absl::Status status = CheckTlsFiles(files);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr(flag + ": "));
    EXPECT_THAT(status.message(), HasSubstr(why));
  }

  const TestFolder folder_;
  const TestFolder other_folder_;
  const TestAuthority authority_;
  const TlsFiles files_ = authority_.Issue(folder_.path());
};

TEST_F(TlsFilesTest, AreFineTogetherAndInPart) {
  EXPECT_TRUE(CheckTlsFiles(files_).ok()) << CheckTlsFiles(files_);
  EXPECT_TRUE(CheckTlsFiles({}).ok());
  EXPECT_TRUE(CheckTlsFiles({.cert = "", .key = "", .ca = files_.ca}).ok());
  EXPECT_TRUE(CheckTlsFiles({.cert = files_.cert, .key = files_.key, .ca = ""}).ok());
}

TEST_F(TlsFilesTest, AreRefusedWhereOneIsMissing) {
  ExpectRefused({.cert = files_.cert, .key = "", .ca = ""}, "--tls-cert", "--tls-key");
  ExpectRefused({.cert = "", .key = files_.key, .ca = ""}, "--tls-key", "--tls-cert");
  ExpectRefused({.cert = "", .key = "", .ca = folder_ / "none"}, "--tls-ca", folder_ / "none");
}

TEST_F(TlsFilesTest, AreRefusedWhereTheyHoldSomethingElse) {
  ExpectRefused({.cert = files_.key, .key = files_.key, .ca = ""}, "--tls-cert", "no PEM cert");
  ExpectRefused({.cert = files_.cert, .key = files_.cert, .ca = ""}, "--tls-key", "no PEM key");
  ExpectRefused({.cert = "", .key = "", .ca = files_.key}, "--tls-ca", "no PEM certificate");
}

TEST_F(TlsFilesTest, AreRefusedWhereTheKeyIsAnothersAndNeverTellIt) {
  const TlsFiles other = authority_.Issue(other_folder_.path());
  ExpectRefused({.cert = files_.cert, .key = other.key, .ca = ""}, "--tls-key", "not the key of");
  const std::string secret = ReadFile(files_.key)->substr(30, 40);
  ASSERT_TRUE(WriteFileAtomically(folder_ / "broken", secret).ok());
  const absl::Status status =
      CheckTlsFiles({.cert = files_.cert, .key = folder_ / "broken", .ca = ""});
  EXPECT_THAT(status.message(), Not(HasSubstr(secret.substr(0, 10))));
}

}  // namespace
}  // namespace outerloop
