#include "tests/simulation/network.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::simulation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Host : public Process {
 public:
  using Process::Process;
  void Start() { Begin(); }
  void Kill() { Die(); }
};

class NetworkTest : public testing::Test {
 protected:
  void SetUp() override {
    client_.Start();
    server_.Start();
    stream_ = Stream::Make(link_, client_, server_);
    stream_->SetOnEnd(kServer, [this](const absl::Status&) { heard_.push_back("end"); });
  }

  void Say(const std::string& text) {
    stream_->Send(kClient, [this, text] { heard_.push_back(text); });
  }
  void RunUntil(absl::Duration time) {
    timeline_.After(time, [] {});
    const absl::Time end = timeline_.now() + time;
    while (timeline_.now() < end) timeline_.Next();
  }

  Timeline timeline_;
  Link link_{timeline_, 1};
  Host client_{timeline_};
  Host server_{timeline_};
  std::shared_ptr<Stream> stream_;
  std::vector<std::string> heard_;  // By the server.
};

TEST_F(NetworkTest, AStreamDeliversInOrderThenEnds) {
  std::vector<std::string> said;
  for (int i = 0; i < 500; ++i) {
    said.push_back(std::to_string(i));
    Say(said.back());
  }
  stream_->Close(kClient, absl::OkStatus());
  said.push_back("end");
  RunUntil(absl::Seconds(1));
  EXPECT_EQ(heard_, said);
}

TEST_F(NetworkTest, WhatIsBlockedArrivesAfterwards) {
  link_.Block(kClient, timeline_.now() + absl::Seconds(1));
  Say("a");
  RunUntil(absl::Milliseconds(900));
  EXPECT_THAT(heard_, IsEmpty());
  RunUntil(absl::Milliseconds(500));
  EXPECT_THAT(heard_, ElementsAre("a"));
}

TEST_F(NetworkTest, NothingPassesABrokenStreamAndAnEndMayNotKnow) {
  Say("a");
  stream_->Break(absl::InfiniteDuration(), absl::InfiniteDuration());
  Say("b");
  RunUntil(absl::Seconds(60));
  EXPECT_THAT(heard_, IsEmpty());
  EXPECT_TRUE(stream_->open(kServer));
}

TEST_F(NetworkTest, WhatADeadProcessSaidIsHeardBeforeItsEnd) {
  Say("a");
  client_.Kill();
  Say("b");
  RunUntil(absl::Seconds(1));
  EXPECT_THAT(heard_, ElementsAre("a", "end"));
}

TEST_F(NetworkTest, APausedProcessHearsEverythingWhenItContinues) {
  server_.Pause();
  Say("a");
  Say("b");
  RunUntil(absl::Seconds(1));
  EXPECT_THAT(heard_, IsEmpty());
  link_.Block(kClient, timeline_.now() + absl::Seconds(1));
  Say("c");
  // At the very moment when the link is free again.
  timeline_.After(absl::Seconds(1), [this] { server_.Continue(); });
  RunUntil(absl::Seconds(2));
  EXPECT_THAT(heard_, ElementsAre("a", "b", "c"));
}

TEST_F(NetworkTest, ACallIsAnsweredOnceOrFailsWithItsServer) {
  std::vector<std::string> answers;
  const auto ask = [&](const std::string& text, bool answer) {
    Call<std::string>(
        link_, client_, server_, {.deadline = absl::Seconds(2)},
        [text, answer](const Reply<std::string>& reply) {
          if (answer) reply(text);
        },
        [&answers](const absl::StatusOr<std::string>& result) {
          answers.push_back(result.ok() ? *result
                                        : absl::StatusCodeToString(result.status().code()));
        });
  };
  ask("a", true);
  RunUntil(absl::Seconds(1));
  ask("b", false);
  RunUntil(absl::Seconds(3));
  ask("c", false);
  RunUntil(absl::Seconds(1));
  server_.Kill();
  RunUntil(absl::Seconds(5));
  EXPECT_THAT(answers, ElementsAre("a", "DEADLINE_EXCEEDED", "UNAVAILABLE"));
}

}  // namespace
}  // namespace outerloop::simulation
