#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/verbs.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

absl::StatusOr<int> Delete(const Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const std::string job_id, client->DeleteJob(name));
  session.Print({{"job_id", job_id}}, absl::StrCat("deleted job ", job_id, "\n"));
  return kSuccess;
}

}  // namespace

void AddDelete(CLI::App& app, Session& session) {
  CLI::App* verb =
      app.add_subcommand("delete", "Forget a job that has ended, its results and its checkpoints");
  auto job = std::make_shared<std::string>();
  verb->add_option("JOB", *job, "Id or name of the job")->required();
  verb->callback(
      [&session, job] { session.run = [&session, job] { return Delete(session, *job); }; });
}

}  // namespace outerloop::client
