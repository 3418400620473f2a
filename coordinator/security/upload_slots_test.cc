#include "coordinator/security/upload_slots.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

TEST(UploadSlots, AreAsManyForEachOwner) {
  UploadSlots slots(2);
  const auto one = slots.Take("ada");
  const auto two = slots.Take("ada");
  EXPECT_TRUE(one.ok() && two.ok());
  const absl::Status refused = slots.Take("ada").status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_THAT(refused.message(), testing::HasSubstr("2 uploads of ada"));
  EXPECT_TRUE(slots.Take("bob").ok());
}

TEST(UploadSlots, AreFreeAgainOnceTheLastWhoHoldsOneIsGone) {
  UploadSlots slots(1);
  auto slot = *slots.Take("ada");
  auto copy = slot;
  slot = nullptr;
  EXPECT_FALSE(slots.Take("ada").ok());
  copy = nullptr;
  EXPECT_TRUE(slots.Take("ada").ok());
}

TEST(UploadSlots, AreWithoutEndIfThereIsNoLimit) {
  UploadSlots slots(0);
  const auto one = slots.Take("");
  EXPECT_TRUE(slots.Take("").ok());
}

}  // namespace
}  // namespace outerloop::coordinator
