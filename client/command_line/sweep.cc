#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/command_line/verbs.h"
#include "client/message_yaml.h"
#include "client/sweep_file.h"
#include "client/sweep_report.h"
#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "client/user_name.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

struct SweepOptions {
  std::string file;
  std::vector<std::string> overrides;
  bool wait = false;
  bool dry_run = false;
};

// Shows the progress of a sweep until it has ended, then its report. kSuccess only if it SUCCEEDED.
absl::StatusOr<int> WatchSweep(const Session& session, const std::string& name) {
  StatusDisplay display = session.MakeDisplay();
  ASSIGN_OR_RETURN(const auto client,
                   session.Connect([&display](const std::string& text) { display.Note(text); }));
  ASSIGN_OR_RETURN(v1::Sweep sweep, client->GetSweep(name));
  const v1::SweepSpec spec = sweep.spec();
  const auto ended = client->WatchSweep(sweep.sweep_id(), [&display](const v1::Sweep& now) {
    display.Show(SweepLine(now), now.reason(), absl::Now());
  });
  display.Finish();
  if (absl::IsCancelled(ended.status())) {
    session.console.err << "stopped watching; sweep " << sweep.sweep_id()
                        << " goes on. Come back with: outerloop sweep watch " << sweep.sweep_id()
                        << std::endl;
    return kFailure;
  }
  RETURN_IF_ERROR(ended.status());
  sweep = *ended;
  *sweep.mutable_spec() = spec;
  session.Print(SweepToJson(sweep), SweepReport(sweep));
  return sweep.state() == v1::SWEEP_SUCCEEDED ? kSuccess : kFailure;
}

absl::StatusOr<int> SubmitSweep(const Session& session, const SweepOptions& options) {
  ASSIGN_OR_RETURN(v1::SweepSpec spec, ReadSweepFile(options.file, options.overrides));
  for (v1::TrialSpec& trial : *spec.mutable_trials()) {
    v1::Queue& queue = *trial.mutable_job()->mutable_queue();
    if (queue.owner().empty()) queue.set_owner(UserName());
  }
  if (options.dry_run) {
    session.Print(MessageToJson(spec, JsonFields::kSet), TrialTable(spec));
    return kSuccess;
  }
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Sweep sweep, client->SubmitSweep(spec));
  const std::string submitted = absl::StrCat("submitted sweep ", sweep.sweep_id(), " (",
                                             spec.name(), "): ", spec.trials_size(), " trials\n");
  if (options.wait) {
    session.console.err << submitted << std::flush;
    return WatchSweep(session, sweep.sweep_id());
  }
  session.Print(
      SweepToJson(sweep),
      absl::StrCat(submitted, "look at it with: outerloop sweep show ", sweep.sweep_id(), "\n"));
  return kSuccess;
}

absl::StatusOr<int> ShowSweep(const Session& session, const std::string& name, bool wait) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Sweep sweep, client->GetSweep(name));
  if (wait) return WatchSweep(session, sweep.sweep_id());
  session.Print(SweepToJson(sweep), SweepReport(sweep));
  return kSuccess;
}

absl::StatusOr<int> DeleteSweep(const Session& session, const std::string& name, bool jobs) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const std::string sweep_id, client->DeleteSweep(name, jobs));
  session.Print({{"sweep_id", sweep_id}}, absl::StrCat("deleted sweep ", sweep_id,
                                                       jobs ? " and its trials' jobs" : "", "\n"));
  return kSuccess;
}

absl::StatusOr<int> CancelSweep(const Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Sweep sweep, client->CancelSweep(name));
  session.Print(SweepToJson(sweep), absl::StrCat("sweep ", sweep.sweep_id(), " (",
                                                 sweep.spec().name(), ") is being cancelled\n"));
  return kSuccess;
}

std::string SweepTable(const std::vector<v1::Sweep>& sweeps) {
  Table table({{"SWEEP"}, {"NAME"}, {"STATE"}, {"TRIALS"}, {"BEST"}, {"CREATED"}, {"REASON"}});
  for (const v1::Sweep& sweep : sweeps) {
    table.AddRow({sweep.sweep_id(), sweep.spec().name(), StateName(sweep.state()),
                  SweepLine(sweep).count, sweep.has_best() ? absl::StrCat(sweep.best()) : "",
                  FormatTimestamp(sweep.created()), sweep.reason()});
  }
  return table.Render();
}

absl::StatusOr<int> ListSweeps(const Session& session) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::Sweep> sweeps, client->ListSweeps());
  Json list = Json::array();
  for (const v1::Sweep& sweep : sweeps) list.push_back(SweepToJson(sweep));
  session.Print({{"sweeps", list}}, SweepTable(sweeps));
  return kSuccess;
}

void AddShowSweep(CLI::App& group, Session& session) {
  CLI::App* verb = group.add_subcommand("show", "Show a sweep's trials and their scores");
  auto name = std::make_shared<std::string>();
  auto wait = std::make_shared<bool>(false);
  verb->add_option("SWEEP", *name, "Id or name of the sweep")->required();
  verb->add_flag("--wait", *wait, "Show progress until the sweep has ended");
  verb->callback([&session, name, wait] {
    session.run = [&session, name, wait] { return ShowSweep(session, *name, *wait); };
  });
}

void AddWatchSweep(CLI::App& group, Session& session) {
  CLI::App* verb = group.add_subcommand("watch", "Show a sweep's progress until it has ended");
  auto name = std::make_shared<std::string>();
  verb->add_option("SWEEP", *name, "Id or name of the sweep")->required();
  verb->callback(
      [&session, name] { session.run = [&session, name] { return WatchSweep(session, *name); }; });
}

void AddDeleteSweep(CLI::App& group, Session& session) {
  CLI::App* verb = group.add_subcommand("delete", "Forget a sweep that has ended");
  auto name = std::make_shared<std::string>();
  auto jobs = std::make_shared<bool>(false);
  verb->add_option("SWEEP", *name, "Id or name of the sweep")->required();
  verb->add_flag("--jobs", *jobs, "Its trials' jobs too, their results and their checkpoints");
  verb->callback([&session, name, jobs] {
    session.run = [&session, name, jobs] { return DeleteSweep(session, *name, *jobs); };
  });
}

void AddCancelSweep(CLI::App& group, Session& session) {
  CLI::App* verb = group.add_subcommand("cancel", "End a sweep and its trials");
  auto name = std::make_shared<std::string>();
  verb->add_option("SWEEP", *name, "Id or name of the sweep")->required();
  verb->callback(
      [&session, name] { session.run = [&session, name] { return CancelSweep(session, *name); }; });
}

}  // namespace

void AddSweep(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("sweep", "Search for the best hyper-parameters of a job");
  auto options = std::make_shared<SweepOptions>();
  verb->add_option("FILE", options->file, "Sweep file (YAML), see docs/sweeps.md");
  verb->add_option("--set", options->overrides, "Change a field of the file's job, as for `submit`")
      ->type_name("PATH=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_flag("--wait", options->wait, "Show progress until the sweep has ended");
  verb->add_flag("--dry-run", options->dry_run, "Only print the trials");
  AddShowSweep(*verb, session);
  AddWatchSweep(*verb, session);
  AddCancelSweep(*verb, session);
  AddDeleteSweep(*verb, session);
  verb->add_subcommand("list", "List all sweeps")->callback([&session] {
    session.run = [&session] { return ListSweeps(session); };
  });
  verb->callback([&session, verb, options] {
    if (!verb->get_subcommands().empty()) return;  // One of those above.
    if (options->file.empty())
      throw CLI::RequiredError("FILE, or one of show, watch, list, cancel, delete");
    session.run = [&session, options] { return SubmitSweep(session, *options); };
  });
}

}  // namespace outerloop::client
