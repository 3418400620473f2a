#include "common/proto_time.h"

#include "gtest/gtest.h"

namespace outerloop {
namespace {

TEST(ProtoTime, KeepsNanosecondsOnTheWayThereAndBack) {
  const absl::Time time = absl::FromUnixSeconds(1'769'860'800) + absl::Nanoseconds(123'456'789);
  google::protobuf::Timestamp timestamp;
  SetTimestamp(time, &timestamp);
  EXPECT_EQ(timestamp.seconds(), 1'769'860'800);
  EXPECT_EQ(timestamp.nanos(), 123'456'789);
  EXPECT_EQ(FromTimestamp(timestamp), time);
}

TEST(ProtoTime, TheEpochIsZero) {
  google::protobuf::Timestamp timestamp;
  SetTimestamp(absl::UnixEpoch(), &timestamp);
  EXPECT_EQ(timestamp.seconds(), 0);
  EXPECT_EQ(timestamp.nanos(), 0);
}

}  // namespace
}  // namespace outerloop
