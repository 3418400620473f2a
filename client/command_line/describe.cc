#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/verbs.h"
#include "client/job_report.h"
#include "client/message_yaml.h"
#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

std::string Facts(const v1::Job& job) {
  Table facts({{"job"}, {job.job_id()}});
  facts.AddRow({"name", job.spec().name()});
  if (!job.spec().queue().owner().empty()) {
    facts.AddRow({"owner", job.spec().queue().owner()});
  }
  facts.AddRow({"priority", absl::StrCat(job.priority())});
  facts.AddRow({"state", v1::JobState_Name(job.state())});
  if (!job.reason().empty()) facts.AddRow({"reason", job.reason()});
  facts.AddRow({"step", absl::StrCat(job.step(), "/", job.spec().training().steps())});
  if (job.spec().has_start_from()) {
    facts.AddRow({"forked from", absl::StrCat("job ", job.spec().start_from().job(), " at step ",
                                              job.spec().start_from().step())});
  }
  facts.AddRow({"checkpoint", job.checkpoint_step() == 0
                                  ? "none yet"
                                  : absl::StrCat("step ", job.checkpoint_step())});
  facts.AddRow({"workers", absl::StrCat(job.workers(), " (generation ", job.generation(), ")")});
  facts.AddRow({"created", FormatTimestamp(job.created())});
  facts.AddRow({"started", FormatTimestamp(job.started())});
  facts.AddRow({"finished", FormatTimestamp(job.finished())});
  if (!job.dataset_sha256().empty()) facts.AddRow({"dataset_sha256", job.dataset_sha256()});
  if (!job.parameters_sha256().empty()) {
    facts.AddRow({"parameters_sha256", job.parameters_sha256()});
  }
  return facts.Render();
}

absl::StatusOr<int> Describe(const Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->GetJob(name));
  Json json = JobToJson(job);
  json["spec"] = MessageToJson(job.spec(), JsonFields::kSet);
  const std::string checkpoints = CheckpointTable(job);
  const std::string results = ResultTable(EvaluationsOf(job), job.spec());
  session.Print(json, absl::StrCat(Facts(job), checkpoints.empty() ? "" : "\n", checkpoints,
                                   results.empty() ? "" : "\n", results, "\nspecification:\n",
                                   MessageToYaml(job.spec())));
  return kSuccess;
}

}  // namespace

void AddDescribe(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("describe", "Show all about a job");
  auto job = std::make_shared<std::string>();
  verb->add_option("JOB", *job, "Id or name of the job")->required();
  verb->callback(
      [&session, job] { session.run = [&session, job] { return Describe(session, *job); }; });
}

}  // namespace outerloop::client
