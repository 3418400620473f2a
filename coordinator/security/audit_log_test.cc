#include "coordinator/security/audit_log.h"

#include <sys/stat.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "common/atomic_file.h"
#include "common/test_folder.h"
#include "coordinator/security/call_audit.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "outerloop/v1/dataset_service.pb.h"
#include "outerloop/v1/job_service.pb.h"
#include "outerloop/v1/sweep_service.pb.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;

AuditEntry SomeEntry() {
  return {.time = absl::UnixEpoch() + absl::Milliseconds(1500),
          .peer = "ipv4:10.0.0.7:5",
          .name = "ada",
          .role = "client",
          .method = "outerloop.v1.JobService/CancelJob",
          .target = "job-1",
          .outcome = "OK"};
}

TEST(AuditLog, WritesALineOfJson) {
  EXPECT_EQ(ToJsonLine(SomeEntry()),
            R"({"time":"1970-01-01T00:00:01.500Z","peer":"ipv4:10.0.0.7:5","name":"ada",)"
            R"("role":"client","method":"outerloop.v1.JobService/CancelJob","target":"job-1",)"
            R"("outcome":"OK"})"
            "\n");
}

TEST(AuditLog, LetsNoTargetForgeALine) {
  AuditEntry entry = SomeEntry();
  entry.target = "x\"}\n{\"name\":\"root\xff";
  const std::string line = ToJsonLine(entry);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_THAT(line, HasSubstr(R"("target":"x\"}\n{\"name\":\"root)"));
}

TEST(AuditLog, AddsToItsFileWhichIsItsOwnersAlone) {
  const TestFolder folder;
  const std::string path = folder / "audit.jsonl";
  const std::string line = ToJsonLine(SomeEntry());
  (*AuditLog::Open(path))->Write(SomeEntry());
  (*AuditLog::Open(path))->Write(SomeEntry());
  EXPECT_EQ(*ReadFile(path), line + line);
  struct stat facts = {};
  ASSERT_EQ(stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0077, 0u);
  EXPECT_THAT(AuditLog::Open(folder / "none" + "/x").status().message(), HasSubstr("--audit-log"));
}

TEST(AuditLog, SaysHowManyRefusalsWereLeftOut) {
  AuditEntry entry = SomeEntry();
  entry.left_out = 7;
  EXPECT_THAT(ToJsonLine(entry), HasSubstr(R"("outcome":"OK","left_out":7})"));
}

TEST(CallAudit, BoundsWhatStrangersCanWriteAndHidesNobodyBehindThem) {
  const TestFolder folder;
  const std::string path = folder / "audit.jsonl";
  const auto log = *AuditLog::Open(path);
  const OnRefused refused = AuditRefusals(*log);
  const absl::Status stranger = absl::UnauthenticatedError("who?");
  const absl::Time begin = absl::Now();
  constexpr int kCalls = 2000;
  for (int i = 0; i < kCalls; ++i) refused("outerloop.v1.JobService/ListJobs", stranger, stranger);
  const int64_t seconds = absl::ToInt64Seconds(absl::Now() - begin) + 1;
  const std::string flood = *ReadFile(path);
  EXPECT_LE(std::count(flood.begin(), flood.end(), '\n'), 100 + seconds);
  refused("outerloop.v1.WorkerService/Session", Caller{Role::kClient, "ada"},
          absl::PermissionDeniedError("no"));
  EXPECT_THAT(*ReadFile(path), HasSubstr(R"("name":"ada")"));
}

TEST(CallAudit, FindsWhatARequestIsAbout) {
  v1::SubmitJobRequest submit;
  submit.mutable_spec()->set_name("my-job");
  EXPECT_EQ(TargetOf(submit), "my-job");
  v1::CancelJobRequest cancel;
  cancel.set_job_id("job-1");
  EXPECT_EQ(TargetOf(cancel), "job-1");
  v1::ImportDatasetRequest import;
  import.mutable_header()->set_name("images");
  EXPECT_EQ(TargetOf(import), "images");
  v1::StoreCheckpointRequest store;
  store.mutable_header()->set_job_id("job-2");
  EXPECT_EQ(TargetOf(store), "job-2");
  v1::RemoveDatasetRequest remove;
  remove.set_name("images");
  EXPECT_EQ(TargetOf(remove), "images");
  v1::CancelSweepRequest sweep;
  sweep.set_sweep_id("sweep-1");
  EXPECT_EQ(TargetOf(sweep), "sweep-1");
  EXPECT_EQ(TargetOf(v1::ListJobsRequest()), "");
}

}  // namespace
}  // namespace outerloop::coordinator
