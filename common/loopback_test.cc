#include "common/loopback.h"

#include "gtest/gtest.h"

namespace outerloop {
namespace {

TEST(Loopback, IsWhatOnlyThisMachineReaches) {
  for (const char* address : {"localhost:7070", "127.0.0.1:0", "127.8.9.10:1", "[::1]:7070"}) {
    EXPECT_TRUE(IsLoopback(address)) << address;
  }
}

TEST(Loopback, IsNothingElse) {
  for (const char* address :
       {"0.0.0.0:7070", "[::]:7070", ":7070", "", "10.0.0.1:7070", "128.0.0.1:1", "example.org:1",
        "localhost.example.org:1", "127.0.0.1.example.org:1", "[::2]:1"}) {
    EXPECT_FALSE(IsLoopback(address)) << address;
  }
}

}  // namespace
}  // namespace outerloop
