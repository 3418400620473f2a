#include "common/log.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// What `write` puts on standard error.
template <typename Write>
std::string Captured(Write write) {
  testing::internal::CaptureStderr();
  write();
  return testing::internal::GetCapturedStderr();
}

TEST(Log, LinesHoldUtcTimeLevelAndProcess) {
  ASSERT_TRUE(InitLogging("coordinator", "info").ok());
  EXPECT_THAT(Captured([] { spdlog::info("listening on {}", 7070); }),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z I "
                           "coordinator  listening on 7070\n"));
  EXPECT_THAT(Captured([] { spdlog::warn("w"); }), HasSubstr("Z W coordinator  w\n"));
  EXPECT_THAT(Captured([] { spdlog::error("e"); }), HasSubstr("Z E coordinator  e\n"));
}

TEST(Log, LeavesOutWhatIsBelowTheLevel) {
  ASSERT_TRUE(InitLogging("worker", "warn").ok());
  EXPECT_EQ(Captured([] { spdlog::info("quiet"); }), "");
  ASSERT_TRUE(InitLogging("worker", "debug").ok());
  EXPECT_THAT(Captured([] { spdlog::debug("loud"); }), HasSubstr("Z D worker  loud\n"));
}

TEST(Log, TakesAnyProcessName) {
  ASSERT_TRUE(InitLogging("100%v", "info").ok());
  EXPECT_THAT(Captured([] { spdlog::info("text"); }), HasSubstr("I 100%v  text\n"));
}

TEST(Log, RefusesAnUnknownLevel) {
  EXPECT_EQ(
      InitLogging("worker", "loud"),
      absl::InvalidArgumentError("log level 'loud': must be one of debug, info, warn, error"));
  EXPECT_FALSE(InitLogging("worker", "").ok());
}

}  // namespace
}  // namespace outerloop
