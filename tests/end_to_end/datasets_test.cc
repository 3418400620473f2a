// Data sets that people bring: imported, trained on, removed; and imports that break off.
#include <signal.h>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "common/atomic_file.h"
#include "common/sha256.h"
#include "data/dataset_file.h"
#include "data/png_decoder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/cluster.h"
#include "tests/support/small_disk.h"

namespace outerloop::tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr auto kIgnoreBytes = [](uint64_t, uint64_t) {};

// Ten classes of six images each, half of them for training.
void MakeImages(const std::string& folder) {
  for (int c = 0; c < 10; ++c) {
    for (int i = 0; i < 6; ++i) {
      const data::Raster image{.height = 12,
                               .width = 12,
                               .channels = 1,
                               .pixels = std::vector<uint8_t>(144, uint8_t(20 * c + i))};
      const std::string path = folder + (c < 5 ? "/train/" : "/test/") + std::to_string(c) + "/" +
                               std::to_string(i) + ".png";
      ASSERT_TRUE(WriteFileAtomically(path, *data::EncodePngFile(image)).ok());
    }
  }
}

v1::JobSpec JobOnStoredSplit(const std::string& dataset) {
  v1::JobSpec spec = SmallMamlJob("own-data", 2);
  spec.mutable_dataset()->set_name(dataset);
  spec.mutable_dataset()->mutable_split()->mutable_stored();
  spec.mutable_episode()->mutable_classification()->set_ways(3);
  spec.mutable_episode()->mutable_classification()->set_shots(1);
  spec.mutable_episode()->mutable_classification()->set_queries(2);
  spec.clear_evaluations();
  return spec;
}

class DatasetsTest : public ::testing::Test {
 protected:
  std::vector<std::string> Command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {Cluster::Binary("outerloop"), "--address",
                                         cluster_.address(), "--output", "json"});
    return arguments;
  }
  Ending Outerloop(const std::vector<std::string>& arguments) const {
    return RunToEnd(Command(arguments));
  }
  Ending ImportImages() {
    MakeImages(cluster_.folder() / "images");
    return Outerloop({"dataset", "import", "--format", "folder", cluster_.folder() / "images",
                      "--name", "mine", "--colour", "grey", "--split-by-folder"});
  }

  Cluster cluster_;
};

TEST_F(DatasetsTest, AFolderOfImagesIsTrainedOnByItsOwnSplit) {
  const Ending imported = ImportImages();
  ASSERT_EQ(imported.code, 0) << imported.output;
  EXPECT_EQ(json::parse(imported.out)["splits"]["test"], 5);
  cluster_.StartWorker();
  const v1::Job job = cluster_.Finish(cluster_.Submit(JobOnStoredSplit("mine")));
  EXPECT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
}

TEST_F(DatasetsTest, ASplitThatIsNotStoredIsRefused) {
  v1::JobSpec spec = SmallMamlJob("none-stored", 2);
  spec.mutable_dataset()->mutable_split()->mutable_stored();
  const absl::Status refused = cluster_.client().SubmitJob(spec).status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("dataset.split.stored"));
}

TEST_F(DatasetsTest, WhatAJobNeedsIsNotRemoved) {
  ASSERT_EQ(ImportImages().code, 0);
  const std::string job = cluster_.Submit(JobOnStoredSplit("mine"));
  const Ending refused = Outerloop({"dataset", "remove", "mine"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, HasSubstr(job));
  ASSERT_TRUE(cluster_.client().CancelJob(job).ok());
  EXPECT_EQ(Outerloop({"dataset", "remove", "mine"}).code, 0);
  EXPECT_TRUE(cluster_.client().ListDatasets()->empty());
  const absl::Status resumed = cluster_.client().ResumeJob(job, std::nullopt).status();
  EXPECT_TRUE(absl::IsNotFound(resumed)) << resumed;
  EXPECT_THAT(std::string(resumed.message()), HasSubstr("import it again"));
}

TEST_F(DatasetsTest, AnExportIsWhatWasImported) {
  ASSERT_EQ(ImportImages().code, 0);
  const std::string path = cluster_.folder() / "export";
  const Ending exported = Outerloop({"dataset", "export", "mine", "-o", path});
  ASSERT_EQ(exported.code, 0) << exported.output;
  EXPECT_EQ(*Sha256HexOfFile(path), json::parse(exported.out)["sha256"]);
  const Ending again =
      Outerloop({"dataset", "import", "--format", "safetensors", path, "--name", "again"});
  EXPECT_EQ(json::parse(again.out)["sent_bytes"], 0) << again.output;
}

// Uploads that are large enough to be interrupted: while the coordinator is stopped, a client gets
// no further than what buffers hold.
class LargeUploadTest : public DatasetsTest {
 protected:
  static constexpr uint32_t kSide = 1600;
  static constexpr uint32_t kImages = 100;  // 256 MB.

  void SetUp() override {
    data::DatasetBuilder builder(/*channels=*/1, kSide, kSide);
    builder.AddClass("a", "test");
    std::vector<uint8_t> pixels(kSide * kSide);
    for (uint32_t i = 0; i < kImages; ++i) {
      for (size_t p = 0; p < pixels.size(); p += 64) pixels[p] = static_cast<uint8_t>(p / 64 + i);
      builder.AddImage(pixels);
    }
    const auto file = AtomicFile::Create(path_);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(
        builder.Write("test", [&](std::string_view piece) { return (*file)->Append(piece); }).ok());
    ASSERT_TRUE((*file)->Commit().ok());
    size_ = std::filesystem::file_size(path_);
    sha256_ = *Sha256HexOfFile(path_);
  }

  std::vector<std::string> ImportCommand(const std::string& name) const {
    return Command({"dataset", "import", "--format", "safetensors", path_, "--name", name});
  }
  // What the coordinator keeps of the file.
  uint64_t Kept() const {
    std::error_code missing;
    const uint64_t bytes = std::filesystem::file_size(
        cluster_.folder() / "data/blobs/" + sha256_.substr(0, 2) + "/" + sha256_ + ".partial",
        missing);
    return missing ? 0 : bytes;
  }
  // Leaves the coordinator stopped when it has a third of what `client` sends.
  void StopAtAThird(Process& client) {
    while (Kept() < size_ / 3 && client.running()) std::this_thread::yield();
    cluster_.coordinator().Signal(SIGSTOP);
    ASSERT_TRUE(client.running()) << "the upload was over before the coordinator was stopped";
  }
  void ExpectWhole(const std::string& name) {
    const auto dataset = cluster_.client().GetDataset(name);
    ASSERT_TRUE(dataset.ok()) << dataset.status();
    EXPECT_EQ(dataset->dataset().sha256(), sha256_);
  }
  uint64_t tolerance() const { return size_ / 20; }  // 5 %.

  const std::string path_ = cluster_.folder() / "large.safetensors";
  uint64_t size_ = 0;
  std::string sha256_;
};

TEST_F(LargeUploadTest, AKilledClientsUploadGoesOnWithTheNext) {
  Process first(ImportCommand("large"), cluster_.folder() / "first.log");
  StopAtAThird(first);
  const uint64_t kept = Kept();
  first.Kill();
  cluster_.coordinator().Signal(SIGCONT);
  EXPECT_TRUE(cluster_.client().ListDatasets()->empty());
  const Ending second = RunToEnd(ImportCommand("large"));
  ASSERT_EQ(second.code, 0) << second.output;
  const uint64_t sent = json::parse(second.out)["sent_bytes"];
  EXPECT_LE(sent, size_ - kept + tolerance());
  EXPECT_GT(sent, 0u);
  ExpectWhole("large");
}

TEST_F(LargeUploadTest, AnUploadGoesOnAfterTheCoordinatorWasKilled) {
  Process client(ImportCommand("large"), cluster_.folder() / "client.log");
  StopAtAThird(client);
  cluster_.KillCoordinator();
  cluster_.StartCoordinator();
  const std::string output = client.ReadAll();
  ASSERT_EQ(client.Wait(), 0) << cluster_.Logs();
  EXPECT_LE(json::parse(output)["sent_bytes"], size_ + tolerance());
  ExpectWhole("large");
}

TEST_F(LargeUploadTest, TwoImportsOfTheSameFileSendItOnce) {
  Process first(ImportCommand("one"), cluster_.folder() / "first.log");
  StopAtAThird(first);
  Process second(ImportCommand("two"), cluster_.folder() / "second.log");
  cluster_.coordinator().Signal(SIGCONT);
  uint64_t sent = 0;
  for (Process* process : {&first, &second}) {
    const std::string output = process->ReadAll();
    ASSERT_EQ(process->Wait(), 0) << cluster_.Logs();
    sent += json::parse(output)["sent_bytes"].get<uint64_t>();
  }
  EXPECT_LE(sent, size_ + tolerance());
  ExpectWhole("one");
  ExpectWhole("two");
}

TEST(FullDisk, RefusesAnImportAndShowsNothingOfIt) {
  const TestFolder folder;
  const SmallDisk disk(folder / "data", "8m");
  if (!disk.is_mounted()) GTEST_SKIP() << "mounting a small file system needs root";
  Process coordinator({Cluster::Binary("outerloop-coordinator"), "--listen", "localhost:0",
                       "--metrics-port", "0", "--data-dir", folder / "data"},
                      folder / "log");
  auto client = client::Client::Create(coordinator.AwaitLine("listening on "), {});
  ASSERT_TRUE(client.ok()) << client.status();
  data::DatasetBuilder builder(/*channels=*/1, 1024, 1024);
  builder.AddClass("a", "test");
  for (int i = 0; i < 16; ++i) builder.AddImage(std::vector<uint8_t>(1 << 20, uint8_t(i)));
  const auto file = AtomicFile::Create(folder / "large");
  ASSERT_TRUE(
      builder.Write("test", [&](std::string_view piece) { return (*file)->Append(piece); }).ok());
  ASSERT_TRUE((*file)->Commit().ok());
  const absl::Status full =
      (*client)->ImportDataset("large", folder / "large", kIgnoreBytes).status();
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_THAT(std::string(full.message()), HasSubstr("free some space"));
  EXPECT_TRUE((*client)->ListDatasets()->empty());
  // What had come is gone: the coordinator has room for what else it does.
  EXPECT_GT(std::filesystem::space(folder / "data").available, uint64_t{6} << 20);
  coordinator.Kill();
}

}  // namespace
}  // namespace outerloop::tests
