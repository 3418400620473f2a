#include "coordinator/security/caller.h"

#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

TEST(Caller, IsNamedByASpiffeId) {
  const std::string prefix = "spiffe://example.org/outerloop/";
  EXPECT_EQ(*CallerOfSpiffeId(prefix + "client/ada"), (Caller{Role::kClient, "ada"}));
  EXPECT_EQ(*CallerOfSpiffeId(prefix + "worker/gpu-3.local"),
            (Caller{Role::kWorker, "gpu-3.local"}));
  EXPECT_EQ(*CallerOfSpiffeId("spiffe://x/outerloop/admin/a@b"), (Caller{Role::kAdmin, "a@b"}));
}

TEST(Caller, IsNobodyByAnyOtherId) {
  for (const char* id :
       {"", "spiffe://d/outerloop/client", "spiffe://d/outerloop/client/", "spiffe://d/admin/ada",
        "spiffe://d/outerloop/root/ada", "spiffe://d/outerloop/admin/ada/more",
        "spiffe://d/other/admin/ada", "https://d/outerloop/admin/ada",
        "spiffe:///outerloop/admin/ada", "x/spiffe://d/outerloop/admin/ada",
        "spiffe://d/outerloop/Admin/ada", "spiffe://d/outerloop/admin/a b"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CallerOfSpiffeId(id).status())) << id;
  }
}

TEST(Caller, HasANameThatFitsAnOwner) {
  EXPECT_TRUE(MakeCaller("client", std::string(64, 'x')).ok());
  EXPECT_FALSE(MakeCaller("client", std::string(65, 'x')).ok());
  EXPECT_FALSE(MakeCaller("client", "").ok());
  EXPECT_FALSE(MakeCaller("client", "a/b").ok());
}

}  // namespace
}  // namespace outerloop::coordinator
