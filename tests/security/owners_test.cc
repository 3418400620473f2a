// Owners see and change their own jobs and data sets; admins, everybody's.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/client.h"
#include "common/atomic_file.h"
#include "data/strokes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/security/credentials.h"

namespace outerloop::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr auto kIgnoreBytes = [](uint64_t, uint64_t) {};
constexpr auto kIgnoreUpdates = [](const auto&) {};

class Owners : public testing::Test {
 protected:
  std::unique_ptr<client::Client> ClientOf(const ChannelSecurity& security) {
    auto client = client::Client::Create(cluster_.address(), {.security = security});
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }
  // A small data set; another for another seed.
  std::string WriteDataset(const std::string& name) {
    std::string bytes;
    const auto append = [&bytes](std::string_view piece) {
      bytes.append(piece);
      return absl::OkStatus();
    };
    EXPECT_TRUE(data::DrawStrokes({}).Write(name, append).ok());
    EXPECT_TRUE(WriteFileAtomically(cluster_.folder() / name, bytes).ok());
    return cluster_.folder() / name;
  }

  Credentials credentials_;
  Cluster cluster_{
      credentials_.Cluster(credentials_.TlsAndTokens(), credentials_.Certificate("admin/root"))};
  const std::unique_ptr<client::Client> ada_ = ClientOf(credentials_.Certificate("client/ada"));
  const std::unique_ptr<client::Client> bob_ = ClientOf(credentials_.Token("client/bob"));
  client::Client& root_ = cluster_.client();
};

TEST_F(Owners, AreWhoTheirCredentialsSayAndNotWhoTheRequestSays) {
  v1::JobSpec spec = SmallMamlJob("posing", 10);
  spec.mutable_queue()->set_owner("bob");
  EXPECT_EQ(ada_->SubmitJob(spec)->spec().queue().owner(), "ada");
  EXPECT_EQ(bob_->SubmitJob(spec)->spec().queue().owner(), "bob");
  EXPECT_EQ(root_.SubmitJob(spec)->spec().queue().owner(), "bob");
}

TEST_F(Owners, SeeNoJobsOfOthers) {
  const std::string id = ada_->SubmitJob(SmallMamlJob("adas", 10))->job_id();
  EXPECT_THAT(*ada_->ListJobs(), SizeIs(1));
  EXPECT_THAT(*root_.ListJobs(), SizeIs(1));
  EXPECT_THAT(*bob_->ListJobs(), IsEmpty());
  for (const std::string& name : {id, std::string("adas")}) {
    const absl::Status status = bob_->GetJob(name).status();
    EXPECT_TRUE(absl::IsNotFound(status)) << status;
    EXPECT_TRUE(ada_->GetJob(name).ok());
    EXPECT_TRUE(root_.GetJob(name).ok());
    EXPECT_TRUE(absl::IsNotFound(bob_->ListEvents(name).status()));
    EXPECT_TRUE(absl::IsNotFound(bob_->WatchEvents(name, 0, kIgnoreUpdates)));
    EXPECT_THAT(*ada_->ListEvents(name), Not(IsEmpty()));
  }
  // Nor is one suggested.
  EXPECT_THAT(std::string(bob_->GetJob("adaz").status().message()), Not(HasSubstr("adas")));
}

TEST_F(Owners, AreNamedInTheEventsOfWhatTheyAskFor) {
  const std::string id = ada_->SubmitJob(SmallMamlJob("adas", 10))->job_id();
  EXPECT_TRUE(ada_->SetJobPriority(id, 5).ok());
  EXPECT_TRUE(root_.CancelJob(id).ok());
  const auto events = ada_->ListEvents(id);
  ASSERT_TRUE(events.ok()) << events.status();
  std::map<v1::JobEvent::Kind, std::string> askers;
  for (const v1::JobEvent& event : *events) askers[event.kind()] = event.by();
  EXPECT_EQ(askers[v1::JobEvent::PRIORITY_CHANGED], "ada");
  EXPECT_EQ(askers[v1::JobEvent::CANCELLED], "root");
}

TEST_F(Owners, ChangeNoJobsOfOthers) {
  const std::string id = ada_->SubmitJob(SmallMamlJob("adas", 10))->job_id();
  EXPECT_TRUE(absl::IsNotFound(bob_->CancelJob(id).status()));
  EXPECT_TRUE(absl::IsNotFound(bob_->PauseJob(id).status()));
  EXPECT_TRUE(absl::IsNotFound(bob_->ResumeJob(id, std::nullopt).status()));
  EXPECT_TRUE(absl::IsNotFound(bob_->SetJobPriority(id, 5).status()));
  EXPECT_TRUE(absl::IsNotFound(bob_->WatchJob(id, 0, kIgnoreUpdates).status()));
  EXPECT_TRUE(absl::IsNotFound(bob_->ListArtifacts(id).status()));
  EXPECT_TRUE(absl::IsNotFound(bob_->EvaluateJob(id, std::nullopt, {}, kIgnoreUpdates).status()));
  EXPECT_TRUE(ada_->CancelJob(id).ok());
  EXPECT_TRUE(absl::IsNotFound(bob_->DeleteJob(id).status()));
  EXPECT_TRUE(root_.DeleteJob(id).ok());
}

TEST_F(Owners, HaveNamesOfTheirOwnForJobs) {
  const std::string older = ada_->SubmitJob(SmallMamlJob("mine", 10))->job_id();
  const std::string newer = bob_->SubmitJob(SmallMamlJob("mine", 10))->job_id();
  EXPECT_EQ(ada_->GetJob("mine")->job_id(), older);
  EXPECT_EQ(bob_->GetJob("mine")->job_id(), newer);
}

TEST_F(Owners, StartFromNoJobsOfOthersAndReadNoScoresOfTheirs) {
  cluster_.StartWorker();
  const std::string id = ada_->SubmitJob(SmallMamlJob("parent", 10))->job_id();
  const v1::Job parent = cluster_.Finish(id);
  ASSERT_EQ(parent.state(), v1::SUCCEEDED) << parent.reason();
  v1::JobSpec child = SmallMamlJob("child", 20);
  child.mutable_start_from()->set_job(id);
  const absl::Status status = bob_->SubmitJob(child).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("start_from.job"));
  EXPECT_TRUE(ada_->SubmitJob(child).ok());

  const std::string evaluation = parent.evaluations(0).evaluation_id();
  EXPECT_TRUE(ada_->ListScores(evaluation).ok());
  EXPECT_TRUE(root_.ListScores(evaluation).ok());
  EXPECT_TRUE(absl::IsNotFound(bob_->ListScores(evaluation).status()));
  EXPECT_THAT(*ada_->ListEpisodeSamples(evaluation), SizeIs(3));
  EXPECT_THAT(*root_.ListEpisodeSamples(evaluation), SizeIs(3));
  EXPECT_TRUE(absl::IsNotFound(bob_->ListEpisodeSamples(evaluation).status()));
}

TEST_F(Owners, SeeAndChangeNoDataSetsOfOthers) {
  const std::string path = WriteDataset("adas");
  ASSERT_TRUE(ada_->ImportDataset("adas", path, kIgnoreBytes).ok());
  EXPECT_TRUE(ada_->GetDataset("adas").ok());
  EXPECT_TRUE(root_.GetDataset("adas").ok());
  EXPECT_TRUE(absl::IsNotFound(bob_->GetDataset("adas").status()));
  EXPECT_TRUE(absl::IsNotFound(bob_->RemoveDataset("adas")));
  EXPECT_TRUE(absl::IsNotFound(
      bob_->ExportDataset("adas", cluster_.folder() / "stolen", kIgnoreBytes).status()));
  const auto seen_by_bob = bob_->ListDatasets();
  ASSERT_TRUE(seen_by_bob.ok());
  for (const v1::Dataset& dataset : *seen_by_bob) EXPECT_NE(dataset.name(), "adas");
  v1::JobSpec spec = SmallMamlJob("with-adas", 10);
  spec.mutable_dataset()->set_name("adas");
  EXPECT_TRUE(absl::IsNotFound(bob_->SubmitJob(spec).status()));
  EXPECT_TRUE(ada_->SubmitJob(spec).ok());
}

TEST_F(Owners, MustHaveAFileToHaveItsContent) {
  const std::string path = WriteDataset("adas");
  ASSERT_TRUE(ada_->ImportDataset("adas", path, kIgnoreBytes).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(bob_->ImportDataset("adas", path, kIgnoreBytes).status()));
  const auto bobs = bob_->ImportDataset("bobs", path, kIgnoreBytes);
  ASSERT_TRUE(bobs.ok()) << bobs.status();
  EXPECT_GT(bobs->sent_bytes, 0u);  // All of it, though the coordinator had it.
  EXPECT_TRUE(ada_->RemoveDataset("adas").ok());
  EXPECT_TRUE(bob_->GetDataset("bobs").ok());
}

TEST_F(Owners, ShareWhatAnAdminImports) {
  ASSERT_TRUE(root_.ImportDataset("shared", WriteDataset("shared"), kIgnoreBytes).ok());
  EXPECT_TRUE(bob_->GetDataset("shared").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(bob_->RemoveDataset("shared")));
  EXPECT_TRUE(root_.RemoveDataset("shared").ok());
}

}  // namespace
}  // namespace outerloop::tests
