#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
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

constexpr std::chrono::milliseconds kBetweenLooks(500);

struct SweepOptions {
  std::string file;
  std::vector<std::string> overrides;
  bool wait = false;
  bool dry_run = false;
};

// False if Ctrl-C came first.
bool WaitToLookAgain(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, kBetweenLooks, [] { return false; });
  return !stop.stop_requested();
}

// Shows the progress of a sweep until it has ended, then its report. kSuccess only if it SUCCEEDED.
absl::StatusOr<int> WatchSweep(const Session& session, const std::string& sweep_id) {
  StatusDisplay display = session.MakeDisplay();
  ASSIGN_OR_RETURN(const auto client,
                   session.Connect([&display](const std::string& text) { display.Note(text); }));
  absl::StatusOr<v1::Sweep> sweep = client->GetSweep(sweep_id);
  while (sweep.ok() && !HasEnded(sweep->state()) && WaitToLookAgain(session.stop)) {
    sweep = client->GetSweep(sweep_id);
    if (sweep.ok()) display.Show(SweepLine(*sweep), sweep->reason(), absl::Now());
  }
  display.Finish();
  if (session.stop.stop_requested()) {
    session.console.err << "stopped watching; sweep " << sweep_id
                        << " goes on. Come back with: outerloop sweep show " << sweep_id
                        << std::endl;
    return kFailure;
  }
  RETURN_IF_ERROR(sweep.status());
  session.Print(SweepToJson(*sweep), SweepReport(*sweep));
  return sweep->state() == v1::SWEEP_SUCCEEDED ? kSuccess : kFailure;
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
  AddCancelSweep(*verb, session);
  verb->add_subcommand("list", "List all sweeps")->callback([&session] {
    session.run = [&session] { return ListSweeps(session); };
  });
  verb->callback([&session, verb, options] {
    if (!verb->get_subcommands().empty()) return;  // One of those above.
    if (options->file.empty()) throw CLI::RequiredError("FILE, or one of show, list, cancel");
    session.run = [&session, options] { return SubmitSweep(session, *options); };
  });
}

}  // namespace outerloop::client
