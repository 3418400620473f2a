#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/command_line/verbs.h"
#include "client/report/job_page.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

struct ReportOptions {
  std::string job;
  std::string path;
};

absl::StatusOr<int> Report(const Session& session, const ReportOptions& options) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->GetJob(options.job));
  ASSIGN_OR_RETURN(const auto steps, client->ListSteps(job.job_id()));
  RETURN_IF_ERROR(WriteFileAtomically(options.path, JobPage(job, steps, absl::Now())));
  session.Print({{"job_id", job.job_id()}, {"path", options.path}},
                absl::StrCat("wrote ", options.path, "; open it in a browser\n"));
  return kSuccess;
}

}  // namespace

void AddReport(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("report", "Write all about a job as one HTML page");
  auto options = std::make_shared<ReportOptions>();
  verb->add_option("JOB", options->job, "Id or name of the job")->required();
  verb->add_option("-o,--file", options->path, "The file to write, e.g. report.html")->required();
  verb->callback([&session, options] {
    session.run = [&session, options] { return Report(session, *options); };
  });
}

}  // namespace outerloop::client
