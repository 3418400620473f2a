// That the preset `tsan` reports real races, with everything that it is told about Abseil and gRPC
// and told to suppress; and that it does not report what is correct.
#include <fstream>
#include <sstream>
#include <string>

#include "absl/time/time.h"
#include "common/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/process.h"

namespace outerloop::tests {
namespace {

constexpr int kRaceReported = 66;  // ThreadSanitizer's exit status.

struct Outcome {
  int status;
  std::string errors;
};

class RaceDetection : public testing::TestWithParam<const char*> {
 protected:
  Outcome Planted(const std::string& variant) {
    const TestFolder folder;
    Process process({OUTERLOOP_PLANTED_RACES, GetParam(), variant}, folder / "errors");
    const int status = process.Wait(absl::Minutes(1));
    std::ostringstream errors;
    errors << std::ifstream(folder / "errors").rdbuf();
    return {status, errors.str()};
  }
};

TEST_P(RaceDetection, ReportsThePlantedRace) {
  const Outcome outcome = Planted("racy");
  EXPECT_EQ(outcome.status, kRaceReported);
  EXPECT_THAT(outcome.errors, testing::HasSubstr("WARNING: ThreadSanitizer: data race"));
  EXPECT_THAT(outcome.errors, testing::HasSubstr("tests/tsan/planted_"));
}

TEST_P(RaceDetection, IsSilentAboutItsCorrectTwin) {
  const Outcome outcome = Planted("clean");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.errors, "");
}

INSTANTIATE_TEST_SUITE_P(Planted, RaceDetection,
                         testing::Values("AddUnderAMutex", "AwaitAResult", "NotifyOfAResult",
                                         "CountDownToResults", "HandleTwoCalls", "ReactToAMessage",
                                         "ReactWithWhatWasThere"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace outerloop::tests
