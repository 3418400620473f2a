#include "common/metrics_server.h"

#include <memory>
#include <optional>

#include "common/capacity_gauge.h"
#include "common/test_http.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/counter.h"

namespace outerloop {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(MetricsServer, ServesWhatTheRegistryHolds) {
  const auto server = MetricsServer::Start("127.0.0.1", 0);
  ASSERT_TRUE(server.ok()) << server.status();
  prometheus::Counter& steps = prometheus::BuildCounter()
                                   .Name("outerloop_steps_total")
                                   .Help("Steps done.")
                                   .Register((*server)->registry())
                                   .Add({});
  steps.Increment(3);
  EXPECT_THAT(HttpGet((*server)->port(), "/metrics"),
              AllOf(StartsWith("HTTP/1.1 200 OK"), HasSubstr("\nouterloop_steps_total 3\n")));
}

TEST(MetricsServer, MeasuresACapacityAtEachScrape) {
  const auto server = MetricsServer::Start("127.0.0.1", 0);
  ASSERT_TRUE(server.ok()) << server.status();
  std::optional<Capacity> capacity = Capacity{.size_bytes = 8, .free_bytes = 2};
  (*server)->Add(
      std::make_shared<CapacityGauge>("outerloop_bytes", "Room.", [&] { return capacity; }));
  EXPECT_THAT(HttpGet((*server)->port(), "/metrics"),
              AllOf(HasSubstr("outerloop_bytes{kind=\"size\"} 8\n"),
                    HasSubstr("outerloop_bytes{kind=\"free\"} 2\n")));
  capacity->free_bytes = 1;
  EXPECT_THAT(HttpGet((*server)->port(), "/metrics"),
              HasSubstr("outerloop_bytes{kind=\"free\"} 1\n"));
  capacity = std::nullopt;
  EXPECT_THAT(HttpGet((*server)->port(), "/metrics"), Not(HasSubstr("outerloop_bytes")));
}

TEST(MetricsServer, TakesAFreePortForZero) {
  const auto first = MetricsServer::Start("127.0.0.1", 0);
  const auto second = MetricsServer::Start("127.0.0.1", 0);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_GT((*first)->port(), 0);
  EXPECT_NE((*first)->port(), (*second)->port());
}

TEST(MetricsServer, SaysThatAPortIsInUse) {
  const auto first = MetricsServer::Start("127.0.0.1", 0);
  ASSERT_TRUE(first.ok()) << first.status();
  const int port = (*first)->port();
  const auto second = MetricsServer::Start("127.0.0.1", port);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(second.status().message()),
              AllOf(HasSubstr("127.0.0.1:" + std::to_string(port)), HasSubstr("--metrics-port")));
}

TEST(MetricsServer, RefusesWhatIsNoPort) {
  for (const int port : {-1, 65536}) {
    EXPECT_EQ(MetricsServer::Start("127.0.0.1", port).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(MetricsServer, StopsListeningWhenDestroyed) {
  int port = 0;
  {
    const auto server = MetricsServer::Start("127.0.0.1", 0);
    ASSERT_TRUE(server.ok()) << server.status();
    port = (*server)->port();
    EXPECT_NE(HttpGet(port, "/metrics"), "");
  }
  EXPECT_EQ(HttpGet(port, "/metrics"), "");
}

}  // namespace
}  // namespace outerloop
