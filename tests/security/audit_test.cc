// What a coordinator writes down of who changed what.
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/atomic_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/security/credentials.h"
#include "tests/security/raw_call.h"

namespace outerloop::tests {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Audit : public testing::Test {
 protected:
  std::vector<std::string> CoordinatorFlags() {
    std::vector<std::string> flags = credentials_.TlsAndTokens();
    flags.insert(flags.end(), {"--audit-log", path_});
    return flags;
  }
  // The only entry of this method and outcome.
  json Entry(const std::string& method, const std::string& outcome) {
    std::ifstream lines(path_);
    json found;
    for (std::string line; std::getline(lines, line);) {
      const json entry = json::parse(line);
      if (entry["method"] != "outerloop.v1." + method || entry["outcome"] != outcome) continue;
      EXPECT_TRUE(found.is_null()) << line;
      found = entry;
    }
    EXPECT_FALSE(found.is_null()) << method << " " << outcome << "\n" << *ReadFile(path_);
    return found;
  }

  const TestFolder folder_;
  const std::string path_ = folder_ / "audit.jsonl";
  Credentials credentials_;
  const ChannelSecurity ada_ = credentials_.Token("client/ada");
};

TEST_F(Audit, NamesWhoChangedWhatAndHowItEnded) {
  Cluster cluster(credentials_.Cluster(CoordinatorFlags(), ada_));
  cluster.StartWorker();
  const std::string id = cluster.Submit(SmallMamlJob("audited", 10));
  EXPECT_EQ(cluster.Finish(id).state(), v1::SUCCEEDED);
  EXPECT_FALSE(cluster.client().CancelJob(id).ok());
  const auto eve = RawChannel(cluster.address(), credentials_.Certificate("worker/eve"));
  EXPECT_FALSE(RawCall(eve, "outerloop.v1.JobService/DeleteJob").ok());
  const auto nobody = RawChannel(cluster.address(), credentials_.UnknownToken());
  EXPECT_FALSE(RawCall(nobody, "outerloop.v1.JobService/PauseJob").ok());
  cluster.coordinator().Kill();

  const json submitted = Entry("JobService/SubmitJob", "OK");
  EXPECT_EQ(submitted["name"], "ada");
  EXPECT_EQ(submitted["role"], "client");
  EXPECT_EQ(submitted["target"], "audited");
  EXPECT_THAT(submitted["peer"].get<std::string>(),
              AnyOf(HasSubstr("127.0.0.1"), HasSubstr("::1")));
  EXPECT_EQ(Entry("JobService/CancelJob", "FAILED_PRECONDITION")["target"], id);
  EXPECT_EQ(Entry("WorkerService/Session", "BEGUN")["name"], "pool");
  EXPECT_EQ(Entry("WorkerService/StoreCheckpoint", "OK")["target"], id);
  EXPECT_EQ(Entry("JobService/DeleteJob", "PERMISSION_DENIED")["name"], "eve");
  EXPECT_EQ(Entry("JobService/PauseJob", "UNAUTHENTICATED")["name"], "");
}

TEST_F(Audit, TellsNoSecretAndNothingThatOnlyReads) {
  std::string logs;
  {
    Cluster cluster(credentials_.Cluster(CoordinatorFlags(), ada_));
    ASSERT_NE(cluster.Submit(SmallMamlJob("audited", 10)), "");
    ASSERT_TRUE(cluster.client().ListJobs().ok());
    const auto nobody = RawChannel(cluster.address(), credentials_.UnknownToken());
    EXPECT_FALSE(RawCall(nobody, "outerloop.v1.JobService/ListJobs").ok());
    logs = cluster.Logs() + *ReadFile(path_);
  }
  EXPECT_THAT(logs, HasSubstr("SubmitJob"));
  EXPECT_THAT(*ReadFile(path_), Not(HasSubstr("\"target\":\"\",\"outcome\":\"OK\"")));
  for (const std::string& file : {ada_.token_file, credentials_.UnknownToken().token_file}) {
    EXPECT_THAT(logs, Not(HasSubstr(*ReadFile(file))));
  }
}

}  // namespace
}  // namespace outerloop::tests
