#include "client/command_line/job_watch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/job_progress.h"
#include "client/job_report.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

// Steps before the present that speed, loss and accuracy are taken from at first.
constexpr uint64_t kRecentSteps = 100;

int LeaveRunning(const Session& session, const std::string& job_id) {
  session.console.err << "stopped watching; job " << job_id
                      << " goes on. Come back with: outerloop watch " << job_id << std::endl;
  return kFailure;
}

}  // namespace

absl::StatusOr<int> WatchToEnd(const Session& session, const std::string& job) {
  StatusDisplay display = session.MakeDisplay();
  ASSIGN_OR_RETURN(const auto client,
                   session.Connect([&display](const std::string& text) { display.Note(text); }));
  ASSIGN_OR_RETURN(const v1::Job found, client->GetJob(job));
  JobProgress progress;
  const auto ended =
      client->WatchJob(found.job_id(), found.step() - std::min(found.step(), kRecentSteps),
                       [&](const v1::WatchJobResponse& update) {
                         progress.Add(update);
                         display.Show(progress.Line(), progress.reason(), absl::Now());
                       });
  display.Finish();
  if (absl::IsCancelled(ended.status())) return LeaveRunning(session, found.job_id());
  RETURN_IF_ERROR(ended.status());
  session.Print(JobToJson(*ended), EndReport(*ended));
  return ended->state() == v1::SUCCEEDED ? kSuccess : kFailure;
}

}  // namespace outerloop::client
