#include "worker/options.h"

#include <cstdlib>
#include <sstream>
#include <vector>

#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

class OptionsTest : public testing::Test {
 protected:
  std::variant<Options, int> Parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "outerloop-worker");
    return ParseOptions(static_cast<int>(arguments.size()), arguments.data(), out_, err_);
  }
  void TearDown() override { unsetenv("OUTERLOOP_COORDINATOR"); }

  std::ostringstream out_, err_;
};

TEST_F(OptionsTest, HasDefaultsForEverything) {
  const auto parsed = Parse({});
  ASSERT_TRUE(std::holds_alternative<Options>(parsed)) << err_.str();
  const Options& options = std::get<Options>(parsed);
  EXPECT_EQ(options.coordinator, "localhost:7070");
  EXPECT_EQ(options.metrics_host, "localhost");
  EXPECT_EQ(options.metrics_port, 9465);
  EXPECT_EQ(options.health_listen, "");
  EXPECT_EQ(options.device, "auto");
  EXPECT_EQ(options.back_end, "auto");
  EXPECT_GE(options.threads, 1);
  EXPECT_FALSE(options.cache_dir.empty());
  EXPECT_FALSE(options.name.empty());
}

TEST_F(OptionsTest, TakesALimitInUnits) {
  EXPECT_EQ(std::get<Options>(Parse({})).cache_limit, 0u);
  EXPECT_EQ(std::get<Options>(Parse({"--cache-limit", "1000"})).cache_limit, 1000u);
  EXPECT_EQ(std::get<Options>(Parse({"--cache-limit", "20GiB"})).cache_limit, uint64_t{20} << 30);
}

TEST_F(OptionsTest, TakesVariablesAndPrefersFlags) {
  setenv("OUTERLOOP_COORDINATOR", "from-env:1", /*replace=*/1);
  EXPECT_EQ(std::get<Options>(Parse({})).coordinator, "from-env:1");
  EXPECT_EQ(std::get<Options>(Parse({"--coordinator", "flag:2"})).coordinator, "flag:2");
  EXPECT_EQ(std::get<Options>(Parse({"--name", "worker-2"})).name, "worker-2");
  for (const char* back_end : {"aten", "cpu", "cuda"}) {
    EXPECT_EQ(std::get<Options>(Parse({"--backend", back_end})).back_end, back_end);
  }
  EXPECT_EQ(std::get<Options>(Parse({"--metrics-host", "0.0.0.0"})).metrics_host, "0.0.0.0");
  EXPECT_EQ(std::get<Options>(Parse({"--health-listen", ":7071"})).health_listen, ":7071");
}

TEST_F(OptionsTest, ExitsWithTwoAndNamesTheFlagForWrongUsage) {
  const std::vector<std::vector<const char*>> wrong = {
      {"--coordinator", "nowhere"},
      {"--coordinator", "host:70707"},
      {"--metrics-port", "-1"},
      {"--metrics-port", "70000"},
      {"--name", ""},
      {"--device", "gpu"},
      {"--backend", "gpu"},
      {"--threads", "0"},
      {"--cache-limit", "much"},
      {"--log-level", "everything"},
  };
  for (const auto& arguments : wrong) {
    err_.str("");
    EXPECT_EQ(Parse(arguments), (std::variant<Options, int>(2))) << arguments[1];
    EXPECT_NE(err_.str().find(arguments[0]), std::string::npos) << err_.str();
  }
  EXPECT_EQ(Parse({"--unknown"}), (std::variant<Options, int>(2)));
}

TEST_F(OptionsTest, PrintsVersionAndHelpAndExitsWithZero) {
  EXPECT_EQ(Parse({"--version"}), (std::variant<Options, int>(0)));
  EXPECT_NE(out_.str().find("outerloop-worker "), std::string::npos);
  EXPECT_EQ(Parse({"--help"}), (std::variant<Options, int>(0)));
  EXPECT_NE(out_.str().find("OUTERLOOP_CACHE_DIR"), std::string::npos);
}

}  // namespace
}  // namespace outerloop::worker
