#include "client/command_line/command_line.h"

#include <algorithm>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/verbs.h"
#include "common/channel_flags.h"
#include "common/suggest.h"
#include "common/version.h"

namespace outerloop::client {
namespace {

void AddGlobalOptions(CLI::App& app, Session& session) {
  app.add_option("--address", session.address, "The coordinator, HOST:PORT")
      ->envname("OUTERLOOP_ADDRESS")
      ->capture_default_str();
  app.add_option("--output", session.output, "How results are printed: text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app.add_option("--retry-for", session.retry_seconds,
                 "Seconds that the coordinator may be away before a call fails")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  AddChannelFlags(app, session.security);
}

void AddVerbs(CLI::App& app, Session& session) {
  AddUp(app, session);
  AddSubmit(app, session);
  AddSweep(app, session);
  AddList(app, session);
  AddDescribe(app, session);
  AddWatch(app, session);
  AddEvents(app, session);
  AddHealth(app, session);
  AddHistory(app, session);
  AddReport(app, session);
  AddCancel(app, session);
  AddPause(app, session);
  AddResume(app, session);
  AddPriority(app, session);
  AddDelete(app, session);
  AddDownload(app, session);
  AddEvaluate(app, session);
  AddCompare(app, session);
  AddScores(app, session);
  AddDataset(app, session);
  AddWorkers(app, session);
  AddPresets(app, session);
  AddVersion(app, session);
}

// The verbs of `app`, or of one of its verbs.
std::vector<std::string> VerbsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands(nullptr)) names.push_back(verb->get_name());
  return names;
}

// A better message than CLI11's for the most common mistake; "" if it was another.
std::string UnknownVerb(const CLI::App& app, const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0].starts_with("-")) return "";
  const std::vector<std::string> verbs = VerbsOf(app);
  if (std::find(verbs.begin(), verbs.end(), arguments[0]) != verbs.end()) return "";
  return absl::StrCat("unknown command '", arguments[0], "'", SuggestName(arguments[0], verbs));
}

// What to say about arguments that cannot be parsed; also prints the help asked for.
int EndParsing(const CLI::App& app, const CLI::ParseError& error,
               const std::vector<std::string>& arguments, const Console& console) {
  const bool is_help = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
  if (is_help) return app.exit(error, console.out, console.err);
  const std::string unknown = UnknownVerb(app, arguments);
  console.err << "outerloop: " << (unknown.empty() ? error.what() : unknown)
              << "\nRun `outerloop --help` or `outerloop COMMAND --help` for what is allowed."
              << std::endl;
  return kUsage;
}

}  // namespace

int RunCommandLine(std::vector<std::string> arguments, const Console& console,
                   std::stop_token stop) {
  Session session{.console = console, .stop = std::move(stop)};
  CLI::App app("outerloop: distributed meta-training", "outerloop");
  app.set_version_flag("--version", std::string(kVersion));
  app.require_subcommand(1);
  app.fallthrough();  // Global options may also stand behind the verb.
  AddGlobalOptions(app, session);
  AddVerbs(app, session);
  try {
    // CLI11 takes them from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return EndParsing(app, error, arguments, console);
  }
  const absl::StatusOr<int> code = session.run();
  if (code.ok()) return *code;
  session.PrintError(code.status());
  return kFailure;
}

}  // namespace outerloop::client
