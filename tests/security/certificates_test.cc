// Wrong, expired and missing certificates; and new ones while everything runs.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/atomic_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/security/credentials.h"
#include "tests/security/raw_call.h"

namespace outerloop::tests {
namespace {

using ::testing::HasSubstr;

constexpr char kListJobs[] = "outerloop.v1.JobService/ListJobs";

class Certificates : public testing::Test {
 protected:
  absl::Status ListJobs(const ChannelSecurity& security) {
    return RawCall(RawChannel(cluster_.address(), security), kListJobs);
  }
  // Polls until what a new connection's call comes to is as wanted: files are read each second.
  bool BecomesOk(const ChannelSecurity& security, bool wanted) {
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    while (absl::Now() < deadline) {
      if (ListJobs(security).ok() == wanted) return true;
      absl::SleepFor(absl::Milliseconds(50));
    }
    return false;
  }

  static Process StartCoordinator(const std::vector<std::string>& flags, const TestFolder& folder) {
    std::vector<std::string> command = {Cluster::Binary("outerloop-coordinator"),
                                        "--listen",
                                        "localhost:0",
                                        "--metrics-port",
                                        "0",
                                        "--data-dir",
                                        folder / "data"};
    command.insert(command.end(), flags.begin(), flags.end());
    return Process(command, folder / "coordinator.log");
  }

  Credentials credentials_;
  Cluster cluster_{
      credentials_.Cluster(credentials_.MutualTls(), credentials_.Certificate("client/ada"))};
};

TEST_F(Certificates, LetInWhoeverHasAGoodOne) {
  EXPECT_TRUE(ListJobs(credentials_.Certificate("client/ada")).ok());
}

TEST_F(Certificates, KeepOutWhoeverHasNoneOrABadOne) {
  for (const ChannelSecurity& security :
       {credentials_.Nothing(), credentials_.Certificate("client/ada", /*valid_for_seconds=*/-60),
        credentials_.ForeignCertificate("client/ada"), ChannelSecurity()}) {
    EXPECT_TRUE(absl::IsUnavailable(ListJobs(security))) << ListJobs(security);
  }
}

TEST_F(Certificates, OfACoordinatorMustBeItsHostsAndOfAnAuthorityThatIsBelieved) {
  ChannelSecurity doubtful = credentials_.Certificate("client/ada");
  doubtful.tls.ca = credentials_.ForeignCertificate("client/ada").tls.cert;
  EXPECT_THAT(std::string(ListJobs(doubtful).message()), HasSubstr("certificate verify failed"));
  const TestFolder folder;
  const TlsFiles files =
      credentials_.authority().Issue(folder.path(), {.names = "DNS:elsewhere.example"});
  Process elsewhere = StartCoordinator(Flags(files), folder);
  const std::string address = elsewhere.AwaitLine("listening on ");
  ASSERT_NE(address, "");
  const auto channel = RawChannel(address, credentials_.Certificate("client/ada"));
  EXPECT_TRUE(absl::IsUnavailable(RawCall(channel, kListJobs)));
}

TEST_F(Certificates, AClientsDoNotMakeAWorker) {
  std::vector<std::string> command = {Cluster::Binary("outerloop-worker"),
                                      "--coordinator",
                                      cluster_.address(),
                                      "--metrics-port",
                                      "0",
                                      "--cache-dir",
                                      cluster_.folder() / "cache",
                                      "--device",
                                      "cpu"};
  const std::vector<std::string> flags = Flags(credentials_.Certificate("client/eve"));
  command.insert(command.end(), flags.begin(), flags.end());
  const std::string log = cluster_.folder() / "eve.log";
  Process eve(command, log);
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  const auto logged = [&log] { return ReadFile(log).value_or(""); };
  while (absl::Now() < deadline && !absl::StrContains(logged(), "PERMISSION_DENIED")) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_THAT(logged(), HasSubstr("is not for the role client"));
  EXPECT_TRUE(cluster_.client().ListWorkers()->empty());
}

TEST_F(Certificates, SecureATrainingJobAndLeaveItsBitsAsTheyAre) {
  cluster_.StartWorker();
  cluster_.StartWorker();
  cluster_.AwaitWorkers(2);
  v1::JobSpec spec = SmallMamlJob("secured", 20);
  spec.mutable_workers()->set_min(2);
  const v1::Job job = cluster_.Finish(cluster_.Submit(spec));
  ASSERT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  Cluster plain;
  plain.StartWorker();
  const v1::Job same = plain.Finish(plain.Submit(SmallMamlJob("plain", 20)));
  EXPECT_EQ(job.parameters_sha256(), same.parameters_sha256());
}

TEST_F(Certificates, AreReplacedWhileAJobTrains) {
  cluster_.StartWorker();
  const std::string job_id = cluster_.Submit(SmallMamlJob("rotated", 400));
  cluster_.AwaitJob(job_id, [](const v1::Job& job) { return job.step() >= 5; });
  const ChannelSecurity before = credentials_.Certificate("client/ada");
  ASSERT_TRUE(ListJobs(before).ok());

  const TestAuthority next;
  const TestFolder folder;
  const ChannelSecurity after = {
      .tls = next.Issue(folder.path(), {.names = "URI:spiffe://test/outerloop/client/ada"}),
      .token_file = ""};
  EXPECT_FALSE(ListJobs(after).ok());
  next.Issue(credentials_.coordinator().cert.substr(0, credentials_.coordinator().cert.rfind('/')));
  EXPECT_TRUE(BecomesOk(after, true));
  EXPECT_TRUE(BecomesOk(before, false));

  const v1::Job job = cluster_.AwaitJob(job_id, [](const v1::Job&) { return false; });
  EXPECT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  EXPECT_EQ(job.generation(), 1u);  // Nobody was interrupted.
}

// The lines of docs/security.md that are for a shell.
std::string DocumentedCommands() {
  const std::vector<std::string> parts = absl::StrSplit(*ReadFile(OUTERLOOP_SECURITY_PAGE), "```");
  std::string commands;
  for (const std::string& part : parts) {
    if (absl::StartsWith(part, "sh\n")) commands += part.substr(3);
  }
  return commands;
}

TEST(Documentation, MakesCertificatesAndTokensThatWork) {
  const TestFolder folder;
  const Ending made =
      RunToEnd({"/bin/bash", "-euc", "cd " + folder.path() + "\n" + DocumentedCommands()});
  ASSERT_EQ(made.code, 0) << made.output;
  const auto files = [&folder](const std::string& name) {
    return TlsFiles{.cert = folder / (name + "/cert.pem"),
                    .key = folder / (name + "/key.pem"),
                    .ca = folder / (name + "/ca.pem")};
  };
  std::vector<std::string> flags = Flags(files("coordinator"));
  flags.insert(flags.end(), {"--tokens-file", folder / "tokens"});
  Cluster cluster({.coordinator_flags = flags,
                   .worker_flags = Flags(files("pool")),
                   .client = {.tls = files("root"), .token_file = ""}});
  cluster.StartWorker();
  cluster.AwaitWorkers(1);
  const ChannelSecurity certificate = {.tls = files("ada"), .token_file = ""};
  const ChannelSecurity token = {.tls = {.cert = "", .key = "", .ca = folder / "ca.pem"},
                                 .token_file = folder / "ada.token"};
  for (const ChannelSecurity& security : {certificate, token}) {
    std::vector<std::string> command = {Cluster::Binary("outerloop"), "list", "--address",
                                        cluster.address()};
    const std::vector<std::string> more = Flags(security);
    command.insert(command.end(), more.begin(), more.end());
    const Ending listed = RunToEnd(command);
    EXPECT_EQ(listed.code, 0) << listed.output;
  }
}

TEST(Tokens, CountFromWhenTheirTableIsReplacedAndUntilThen) {
  Credentials credentials;
  const ChannelSecurity root = credentials.Certificate("admin/root");
  Cluster cluster(credentials.Cluster(credentials.TlsAndTokens(), root));
  const auto list = [&](const ChannelSecurity& security) {
    return RawCall(RawChannel(cluster.address(), security), kListJobs);
  };
  const ChannelSecurity ada = credentials.Token("client/ada");
  EXPECT_TRUE(list(ada).ok());
  credentials.ForgetTokens();
  EXPECT_TRUE(absl::IsUnauthenticated(list(ada)));
}

}  // namespace
}  // namespace outerloop::tests
