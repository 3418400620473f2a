#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/job_reference.h"
#include "client/command_line/job_watch.h"
#include "client/command_line/verbs.h"
#include "client/job_report.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

struct ResumeOptions {
  std::string job;
  bool wait = false;
};

absl::StatusOr<int> Resume(const Session& session, const ResumeOptions& options) {
  ASSIGN_OR_RETURN(const JobReference reference, ParseJobReference(options.job));
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->ResumeJob(reference.job, reference.step));
  const std::string what = absl::StrCat("resumed job ", job.job_id(), " (", job.spec().name(),
                                        ") after step ", job.step());
  if (options.wait) {
    session.console.err << what << std::endl;
    return WatchToEnd(session, job.job_id());
  }
  session.Print(JobToJson(job),
                absl::StrCat(what, "\nwatch it with: outerloop watch ", job.job_id(), "\n"));
  return kSuccess;
}

}  // namespace

void AddResume(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand(
      "resume",
      "Go on with a job that was paused; or that failed or was cancelled, from a checkpoint");
  auto options = std::make_shared<ResumeOptions>();
  verb->add_option("JOB", options->job,
                   "Id or name of the job; JOB@STEP: from that checkpoint, not the latest; "
                   "JOB@0: from the beginning")
      ->required()
      ->check(CheckJobReference, "JOB[@STEP]");
  verb->add_flag("--wait", options->wait, "Show progress until the job has ended");
  verb->callback([&session, options] {
    session.run = [&session, options] { return Resume(session, *options); };
  });
}

}  // namespace outerloop::client
