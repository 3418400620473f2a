#include "coordinator/core/speed.h"

#include <vector>

#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

const absl::Time kNow = absl::UnixEpoch();

Speed Measured(double seconds, uint32_t lanes = 1) {
  Speed speed(lanes);
  speed.Measure("job", 1, seconds);
  return speed;
}

std::vector<Pace> Paces(const std::vector<Speed>& speeds) {
  std::vector<const Speed*> members;
  for (const Speed& speed : speeds) members.push_back(&speed);
  return ToPaces(members, "job", kNow);
}

TEST(Speed, IsNotKnownBeforeAMeasurement) {
  Speed speed(2);
  EXPECT_FALSE(speed.lane_seconds("job", kNow).has_value());
  speed.Measure("job", 0, 1.0);
  speed.Measure("job", 3, 0.0);
  EXPECT_FALSE(speed.Promise("job", 1, kNow).has_value());
}

TEST(Speed, CountsRoundsOfLanes) {
  Speed speed(2);
  speed.Measure("job", 3, 4.0);  // Two rounds.
  EXPECT_DOUBLE_EQ(*speed.lane_seconds("job", kNow), 2.0);
  EXPECT_DOUBLE_EQ(*speed.Promise("job", 2, kNow), 2.0);
  EXPECT_DOUBLE_EQ(*speed.Promise("job", 5, kNow), 6.0);
}

TEST(Speed, FollowsWhatIsMeasured) {
  Speed speed = Measured(1.0);
  for (int i = 0; i < 50; ++i) speed.Measure("job", 1, 3.0);
  EXPECT_NEAR(*speed.lane_seconds("job", kNow), 3.0, 0.01);
}

TEST(Speed, IsOfOneJob) {
  Speed speed = Measured(1.0);
  EXPECT_FALSE(speed.lane_seconds("other", kNow).has_value());
  speed.Measure("other", 1, 7.0);
  EXPECT_DOUBLE_EQ(*speed.lane_seconds("other", kNow), 7.0);
}

TEST(Speed, LoweredHoldsUntilMeasuredOrForgotten) {
  Speed speed = Measured(1.0);
  speed.Lower("job", 2, 9.0, kNow);
  EXPECT_DOUBLE_EQ(*speed.lane_seconds("job", kNow), 4.5);
  EXPECT_FALSE(speed.lane_seconds("job", kNow + Speed::kLowered).has_value());
  speed.Measure("job", 1, 4.5);
  EXPECT_DOUBLE_EQ(*speed.lane_seconds("job", kNow + Speed::kLowered), 4.5);
  speed.Lower("job", 1, 0.1, kNow);
  EXPECT_DOUBLE_EQ(*speed.lane_seconds("job", kNow), 4.5) << "never raised";
}

TEST(ToPaces, MakesEqualMachinesEqualWhateverTheNoise) {
  const std::vector<Pace> paces =
      Paces({Measured(0.100), Measured(0.104), Measured(0.097), Measured(0.3)});
  EXPECT_EQ(paces[0].lane_seconds, paces[1].lane_seconds);
  EXPECT_EQ(paces[0].lane_seconds, paces[2].lane_seconds);
  EXPECT_NEAR(paces[3].lane_seconds / paces[0].lane_seconds, 3.0, 0.3);
}

TEST(ToPaces, TakesTheMedianForWhoIsNotKnown) {
  const std::vector<Pace> paces = Paces({Measured(1), Measured(2), Measured(9), Speed(4)});
  EXPECT_EQ(paces[3].lane_seconds, paces[1].lane_seconds);
  EXPECT_EQ(paces[3].lanes, 4u);
  EXPECT_EQ(Paces({Speed(1), Speed(1)})[0].lane_seconds, 1.0);
}

}  // namespace
}  // namespace outerloop::coordinator
