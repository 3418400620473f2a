#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/verbs.h"
#include "client/job_report.h"
#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

std::string JobTable(const std::vector<v1::Job>& jobs) {
  constexpr auto kRight = Table::Align::kRight;
  Table table({{"JOB"},
               {"NAME"},
               {"OWNER"},
               {"PRIORITY", kRight},
               {"STATE"},
               {"STEP", kRight},
               {"WORKERS", kRight},
               {"CREATED"},
               {"REASON"}});
  for (const v1::Job& job : jobs) {
    table.AddRow({job.job_id(), job.spec().name(), job.spec().queue().owner(),
                  absl::StrCat(job.priority()), v1::JobState_Name(job.state()),
                  absl::StrCat(job.step(), "/", job.spec().training().steps()),
                  absl::StrCat(job.workers()), FormatTimestamp(job.created()), job.reason()});
  }
  return table.Render();
}

absl::StatusOr<int> List(const Session& session) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::Job> jobs, client->ListJobs());
  Json list = Json::array();
  for (const v1::Job& job : jobs) list.push_back(JobToJson(job));
  session.Print({{"jobs", list}}, JobTable(jobs));
  return kSuccess;
}

}  // namespace

void AddList(CLI::App& app, Session& session) {
  app.add_subcommand("list", "List all jobs")->callback([&session] {
    session.run = [&session] { return List(session); };
  });
}

}  // namespace outerloop::client
