#include "coordinator/security/access.h"

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/bearer_token.h"
#include "common/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kToken[] = "0123456789abcdef0123456789abcdef";
constexpr char kGetJob[] = "outerloop.v1.JobService/GetJob";

// A connection whose certificate has these SPIFFE IDs.
class FakeConnection final : public grpc::AuthContext {
 public:
  explicit FakeConnection(std::vector<std::string> ids) : ids_(std::move(ids)) {}

  std::vector<grpc::string_ref> FindPropertyValues(const std::string& name) const override {
    if (name != GRPC_PEER_SPIFFE_ID_PROPERTY_NAME) return {};
    return {ids_.begin(), ids_.end()};
  }
  bool IsPeerAuthenticated() const override { return !ids_.empty(); }
  std::vector<grpc::string_ref> GetPeerIdentity() const override { return {}; }
  std::string GetPeerIdentityPropertyName() const override { return ""; }
  grpc::AuthPropertyIterator begin() const override { return end(); }
  grpc::AuthPropertyIterator end() const override { return NoProperties(); }
  void AddProperty(const std::string&, const grpc::string_ref&) override {}
  bool SetPeerIdentityPropertyName(const std::string&) override { return false; }

 private:
  struct NoProperties : grpc::AuthPropertyIterator {};

  const std::vector<std::string> ids_;
};

class AccessTest : public testing::Test {
 protected:
  AccessTest() {
    EXPECT_TRUE(WriteFileAtomically(tokens_file_, absl::StrCat("client ada ", kToken)).ok());
    access_ = *Access::Create({.tls = {}, .tokens_file = tokens_file_});
  }
  // Of a call with these values of `authorization`.
  absl::StatusOr<Caller> Identify(const std::vector<std::string>& authorizations,
                                  std::vector<std::string> ids = {}) {
    CallMetadata metadata;
    for (const std::string& value : authorizations) metadata.emplace(kAuthorization, value);
    return access_->Identify(FakeConnection(std::move(ids)), metadata);
  }

  const TestFolder folder_;
  const std::string tokens_file_ = folder_ / "tokens";
  std::unique_ptr<const Access> access_;
};

TEST_F(AccessTest, TellsCallersByTokenAndElseByCertificate) {
  const std::string root = "spiffe://d/outerloop/admin/root";
  EXPECT_EQ(*Identify({absl::StrCat("Bearer ", kToken)}), (Caller{Role::kClient, "ada"}));
  EXPECT_EQ(*Identify({}, {root}), (Caller{Role::kAdmin, "root"}));
  EXPECT_EQ(*Identify({absl::StrCat("Bearer ", kToken)}, {root}), (Caller{Role::kClient, "ada"}));
}

TEST_F(AccessTest, TakesNothingElseForCredentials) {
  const std::string root = "spiffe://d/outerloop/admin/root";
  const std::string wrong(40, 'x');
  for (const std::vector<std::string>& values :
       {std::vector<std::string>{kToken},
        {absl::StrCat("bearer ", kToken)},
        {""},
        {"Bearer "},
        {absl::StrCat("Bearer ", wrong)},
        {absl::StrCat("Bearer ", kToken, " ")},
        {absl::StrCat("Bearer ", kToken), absl::StrCat("Bearer ", kToken)}}) {
    const auto caller = Identify(values, {root});
    EXPECT_TRUE(absl::IsUnauthenticated(caller.status())) << values[0];
    EXPECT_THAT(caller.status().message(), Not(HasSubstr(wrong)));
  }
  EXPECT_TRUE(absl::IsUnauthenticated(Identify({}).status()));
  EXPECT_TRUE(absl::IsUnauthenticated(Identify({}, {"spiffe://d/other/admin/root"}).status()));
  EXPECT_TRUE(absl::IsUnauthenticated(Identify({}, {root, root}).status()));
}

TEST_F(AccessTest, AdmitsARoleToItsOwnCallsAlone) {
  EXPECT_TRUE(access_->Admit(kGetJob, Caller{Role::kClient, "ada"}).ok());
  const absl::Status denied = access_->Admit(kGetJob, Caller{Role::kWorker, "pool"});
  EXPECT_TRUE(absl::IsPermissionDenied(denied));
  EXPECT_THAT(denied.message(), HasSubstr("GetJob is not for the role worker, which pool has"));
}

TEST_F(AccessTest, AdmitsNobodyToWhatIsInNoTable) {
  const Caller root = {Role::kAdmin, "root"};
  EXPECT_TRUE(absl::IsPermissionDenied(access_->Admit("outerloop.v1.JobService/New", root)));
  EXPECT_TRUE(absl::IsPermissionDenied(access_->Admit("", root)));
}

TEST_F(AccessTest, AdmitsToProbesWhoeverCannotBeTold) {
  const absl::Status unknown = absl::UnauthenticatedError("who?");
  EXPECT_TRUE(access_->Admit("grpc.health.v1.Health/Check", unknown).ok());
  EXPECT_EQ(access_->Admit("grpc.health.v1.Health/Watch", unknown), unknown);
  EXPECT_EQ(access_->Admit(kGetJob, unknown), unknown);
}

TEST(Access, OfNobodyAskedIsEverybodys) {
  const auto access = *Access::Create({});
  EXPECT_EQ(*access->Identify(FakeConnection({}), {}), Anybody());
  EXPECT_TRUE(access->Admit("anything", Anybody()).ok());
}

}  // namespace
}  // namespace outerloop::coordinator
