#include "coordinator/security/permissions.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/atomic_file.h"
#include "gtest/gtest.h"
#include "outerloop/v1/artifact_service.pb.h"
#include "outerloop/v1/dataset_service.pb.h"
#include "outerloop/v1/evaluation_service.pb.h"
#include "outerloop/v1/event_service.pb.h"
#include "outerloop/v1/job_service.pb.h"
#include "outerloop/v1/sweep_service.pb.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::coordinator {
namespace {

// Every method of every service in proto/. OUTERLOOP_SERVICE_FILES counts the .proto files that are
// named as services: one that is new must be added here.
std::vector<std::string> AllMethods() {
  const std::vector<const google::protobuf::FileDescriptor*> files = {
      v1::ListArtifactsRequest::descriptor()->file(),
      v1::GetDatasetRequest::descriptor()->file(),
      v1::ListScoresRequest::descriptor()->file(),
      v1::ListEventsRequest::descriptor()->file(),
      v1::Job::descriptor()->file(),
      v1::SubmitSweepRequest::descriptor()->file(),
      v1::WorkerMessage::descriptor()->file()};
  EXPECT_EQ(files.size(), OUTERLOOP_SERVICE_FILES);
  std::vector<std::string> methods;
  for (const google::protobuf::FileDescriptor* file : files) {
    for (int i = 0; i < file->service_count(); ++i) {
      const google::protobuf::ServiceDescriptor& service = *file->service(i);
      for (int j = 0; j < service.method_count(); ++j) {
        methods.push_back(absl::StrCat(service.full_name(), "/", service.method(j)->name()));
      }
    }
  }
  return methods;
}

TEST(Permissions, NameEveryMethodOfEveryService) {
  ASSERT_GE(AllMethods().size(), 24u);
  for (const std::string& method : AllMethods()) {
    EXPECT_NE(FindPermission(method), nullptr) << method << ": say in permissions.cc who may";
  }
}

TEST(Permissions, NameNothingThatIsNotThereAndNothingTwice) {
  const std::vector<std::string> methods = AllMethods();
  const std::set<std::string> known(methods.begin(), methods.end());
  std::set<std::string_view> seen;
  for (const Permission& permission : Permissions()) {
    const std::string method(permission.method);
    EXPECT_TRUE(seen.insert(permission.method).second) << method;
    EXPECT_TRUE(absl::StartsWith(method, "grpc.") || known.contains(method)) << method;
  }
}

// What changes something has a request id, but for streams that bring files, and what takes a name
// away.
TEST(Permissions, MarkWhatChangesSomething) {
  for (const std::string& name : AllMethods()) {
    std::string dotted = name;
    dotted[dotted.find('/')] = '.';
    const google::protobuf::MethodDescriptor* method =
        v1::Job::descriptor()->file()->pool()->FindMethodByName(dotted);
    ASSERT_NE(method, nullptr) << dotted;
    if (method->input_type()->FindFieldByName("request_id") == nullptr) continue;
    EXPECT_TRUE(FindPermission(name)->changes) << name;
  }
}

// As docs/security.md has it.
std::string RowOf(const Permission& permission) {
  static const auto* audiences =
      new std::map<Audience, std::string>{{Audience::kAnybody, "everybody, also unknown"},
                                          {Audience::kKnown, "every role"},
                                          {Audience::kPeople, "client, admin"},
                                          {Audience::kWorkers, "worker"}};
  absl::string_view method(permission.method.data(), permission.method.size());
  absl::ConsumePrefix(&method, "outerloop.v1.");
  return absl::StrCat("| `", method, "` | ", audiences->at(permission.audience), " | ",
                      permission.changes ? "yes |" : "|");
}

TEST(Permissions, AreAsTheDocumentationSays) {
  const std::string page = *ReadFile(OUTERLOOP_SECURITY_PAGE);
  for (const Permission& permission : Permissions()) {
    EXPECT_TRUE(absl::StrContains(page, RowOf(permission))) << RowOf(permission);
  }
  const std::vector<std::string> rows = absl::StrSplit(page, "\n| `");
  const auto is_method = [](const std::string& row) {
    return absl::StrContains(row.substr(0, row.find('`')), '/');
  };
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(), is_method),
            static_cast<int>(Permissions().size()));
}

TEST(Permissions, LetEachRoleDoItsOwnWork) {
  EXPECT_TRUE(Includes(Audience::kPeople, Role::kClient));
  EXPECT_TRUE(Includes(Audience::kPeople, Role::kAdmin));
  EXPECT_FALSE(Includes(Audience::kPeople, Role::kWorker));
  EXPECT_TRUE(Includes(Audience::kWorkers, Role::kWorker));
  EXPECT_FALSE(Includes(Audience::kWorkers, Role::kClient));
  EXPECT_FALSE(Includes(Audience::kWorkers, Role::kAdmin));
  for (const Role role : {Role::kClient, Role::kWorker, Role::kAdmin}) {
    EXPECT_TRUE(Includes(Audience::kKnown, role));
    EXPECT_TRUE(Includes(Audience::kAnybody, role));
  }
}

}  // namespace
}  // namespace outerloop::coordinator
