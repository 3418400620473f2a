#include <memory>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/job_reference.h"
#include "client/command_line/job_watch.h"
#include "client/command_line/verbs.h"
#include "client/job_file.h"
#include "client/job_report.h"
#include "client/message_yaml.h"
#include "client/presets.h"
#include "client/user_name.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

struct SubmitOptions {
  std::string file;
  std::string preset;
  std::string from;  // JOB or JOB@STEP.
  std::vector<std::string> overrides;
  bool wait = false;
  bool dry_run = false;
};

// That of the job to start from, if it has none of its own.
absl::StatusOr<v1::JobSpec> ReadParentSpec(const Session& session, const std::string& parent,
                                           const SubmitOptions& options) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->GetJob(parent));
  v1::JobSpec spec = job.spec();
  // The fork is somebody else's, perhaps.
  if (spec.has_queue()) spec.mutable_queue()->clear_owner();
  return ParseJobSpec(MessageToYaml(spec), absl::StrCat("specification of job ", parent),
                      options.overrides);
}

absl::StatusOr<v1::JobSpec> ReadOwnSpec(const SubmitOptions& options) {
  if (options.preset.empty()) return ReadJobFile(options.file, options.overrides);
  ASSIGN_OR_RETURN(const Preset preset, FindPreset(options.preset));
  return ParseJobSpec(std::string(preset.text), absl::StrCat("preset ", options.preset),
                      options.overrides);
}

absl::StatusOr<v1::JobSpec> ReadSpec(const Session& session, const SubmitOptions& options) {
  if (options.from.empty()) return ReadOwnSpec(options);
  ASSIGN_OR_RETURN(const JobReference from, ParseJobReference(options.from));
  const bool has_own = !options.file.empty() || !options.preset.empty();
  ASSIGN_OR_RETURN(v1::JobSpec spec,
                   has_own ? ReadOwnSpec(options) : ReadParentSpec(session, from.job, options));
  v1::StartFrom start;
  start.set_job(from.job);
  if (from.step.has_value()) start.set_step(*from.step);
  *spec.mutable_start_from() = start;
  return spec;
}

absl::StatusOr<int> Submit(const Session& session, const SubmitOptions& options) {
  ASSIGN_OR_RETURN(v1::JobSpec spec, ReadSpec(session, options));
  if (spec.queue().owner().empty()) spec.mutable_queue()->set_owner(UserName());
  if (options.dry_run) {
    session.Print(MessageToJson(spec, JsonFields::kSet), MessageToYaml(spec));
    return kSuccess;
  }
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->SubmitJob(spec));
  if (options.wait) {
    session.console.err << "submitted job " << job.job_id() << " (" << spec.name() << ")"
                        << std::endl;
    return WatchToEnd(session, job.job_id());
  }
  session.Print(JobToJson(job),
                absl::StrCat("submitted job ", job.job_id(), " (", spec.name(),
                             ")\nwatch it with: outerloop watch ", job.job_id(), "\n"));
  return kSuccess;
}

}  // namespace

void AddSubmit(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("submit", "Submit a job");
  auto options = std::make_shared<SubmitOptions>();
  auto* file = verb->add_option("FILE", options->file, "Job file (YAML); - is standard input");
  auto* preset = verb->add_option("--preset", options->preset,
                                  "A job file that comes with outerloop; see `outerloop presets`");
  file->excludes(preset);
  verb->add_option("--set", options->overrides,
                   "Change a field: training.steps=100, evaluations[0].tasks=50, "
                   "model.mlp={hidden: [8, 8]}")
      ->type_name("PATH=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--from", options->from,
                   "Start from a checkpoint of another job instead of afresh; without FILE or "
                   "--preset the job is as that one, but for --set")
      ->check(CheckJobReference, "JOB[@STEP]");
  verb->add_flag("--wait", options->wait, "Show progress until the job has ended");
  verb->add_flag("--dry-run", options->dry_run, "Only print the job as it would be submitted");
  verb->callback([&session, options] {
    if (options->file.empty() && options->preset.empty() && options->from.empty()) {
      throw CLI::RequiredError("a job: FILE, --preset NAME or --from JOB[@STEP]");
    }
    session.run = [&session, options] { return Submit(session, *options); };
  });
}

}  // namespace outerloop::client
