#include "common/metrics_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/counter.h"

namespace outerloop {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The whole answer to a GET of `path` on this machine; "" if nobody listens.
std::string Get(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
    send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    char buffer[4096];
    for (ssize_t got; (got = recv(fd, buffer, sizeof(buffer), 0)) > 0;) answer.append(buffer, got);
  }
  close(fd);
  return answer;
}

TEST(MetricsServer, ServesWhatTheRegistryHolds) {
  const auto server = MetricsServer::Start("127.0.0.1", 0);
  ASSERT_TRUE(server.ok()) << server.status();
  prometheus::Counter& steps = prometheus::BuildCounter()
                                   .Name("outerloop_steps_total")
                                   .Help("Steps done.")
                                   .Register((*server)->registry())
                                   .Add({});
  steps.Increment(3);
  EXPECT_THAT(Get((*server)->port(), "/metrics"),
              AllOf(StartsWith("HTTP/1.1 200 OK"), HasSubstr("\nouterloop_steps_total 3\n")));
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
    EXPECT_NE(Get(port, "/metrics"), "");
  }
  EXPECT_EQ(Get(port, "/metrics"), "");
}

}  // namespace
}  // namespace outerloop
