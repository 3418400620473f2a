#include <memory>

#include "CLI/CLI.hpp"
#include "client/command_line/job_watch.h"
#include "client/command_line/verbs.h"

namespace outerloop::client {

void AddWatch(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("watch", "Show a job's progress until it has ended");
  auto job = std::make_shared<std::string>();
  verb->add_option("JOB", *job, "Id or name of the job")->required();
  verb->callback(
      [&session, job] { session.run = [&session, job] { return WatchToEnd(session, *job); }; });
}

}  // namespace outerloop::client
