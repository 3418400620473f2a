#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/verbs.h"
#include "client/job_report.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

struct PriorityOptions {
  std::string job;
  int32_t priority = 0;
};

absl::StatusOr<int> SetPriority(const Session& session, const PriorityOptions& options) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->SetJobPriority(options.job, options.priority));
  session.Print(JobToJson(job), absl::StrCat("job ", job.job_id(), " (", job.spec().name(),
                                             ") has priority ", job.priority(), "\n"));
  return kSuccess;
}

}  // namespace

void AddPriority(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("priority", "Give a job another place in the queue");
  auto options = std::make_shared<PriorityOptions>();
  verb->add_option("JOB", options->job, "Id or name of the job")->required();
  verb->add_option("PRIORITY", options->priority,
                   "-100 to 100; higher ones get workers first, and take them from lower ones")
      ->required()
      ->check(CLI::Range(-100, 100));
  verb->callback([&session, options] {
    session.run = [&session, options] { return SetPriority(session, *options); };
  });
}

}  // namespace outerloop::client
