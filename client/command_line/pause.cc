#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/verbs.h"
#include "client/job_report.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

absl::StatusOr<int> Pause(const Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->PauseJob(name));
  session.Print(JobToJson(job),
                absl::StrCat("job ", job.job_id(), " (", job.spec().name(), ") is ",
                             v1::JobState_Name(job.state()), " at step ", job.step(),
                             job.reason().empty() ? "" : ": ", job.reason(),
                             "\ngo on with it with: outerloop resume ", job.job_id(), "\n"));
  return kSuccess;
}

}  // namespace

void AddPause(CLI::App& app, Session& session) {
  CLI::App* verb =
      app.add_subcommand("pause", "Let a job stand still after its next step, until it is resumed");
  auto job = std::make_shared<std::string>();
  verb->add_option("JOB", *job, "Id or name of the job")->required();
  verb->callback(
      [&session, job] { session.run = [&session, job] { return Pause(session, *job); }; });
}

}  // namespace outerloop::client
