#include "worker/reducers/local_address.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

TEST(LocalAddressTest, IsLoopbackTowardsThisMachine) {
  EXPECT_EQ(*LocalAddressTowards("127.0.0.1:7070"), "127.0.0.1");
  EXPECT_THAT(*LocalAddressTowards("localhost:7070"), testing::AnyOf("127.0.0.1", "::1"));
}

TEST(LocalAddressTest, TakesAnIpv6AddressInBrackets) {
  const auto address = LocalAddressTowards("[::1]:7070");
  if (absl::IsUnavailable(address.status())) GTEST_SKIP() << "no IPv6 here";
  EXPECT_EQ(*address, "::1");
}

TEST(LocalAddressTest, SaysWhatIsWrong) {
  EXPECT_TRUE(absl::IsInvalidArgument(LocalAddressTowards("localhost").status()));
  const absl::Status unknown = LocalAddressTowards("no-such-host.invalid:1").status();
  EXPECT_TRUE(absl::IsUnavailable(unknown)) << unknown;
  EXPECT_THAT(std::string(unknown.message()), testing::HasSubstr("no-such-host.invalid"));
}

}  // namespace
}  // namespace outerloop::worker
