#include "client/presets.h"

#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/command_line/verbs.h"
#include "client/job_file.h"
#include "client/message_yaml.h"
#include "client/terminal/table.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

int ListPresets(const Session& session) {
  Json list = Json::array();
  Table table({{"PRESET"}, {"WHAT IT IS"}});
  for (const Preset& preset : Presets()) {
    list.push_back({{"name", preset.name}, {"summary", preset.summary()}});
    table.AddRow({std::string(preset.name), std::string(preset.summary())});
  }
  session.Print({{"presets", list}}, table.Render());
  return kSuccess;
}

// The comment that a preset begins with.
std::string HeadOf(const std::string& text) {
  size_t end = 0;
  while (text[end] == '#') end = text.find('\n', end) + 1;
  return text.substr(0, end);
}

absl::StatusOr<int> ShowPreset(const Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(const Preset preset, FindPreset(name));
  const std::string text(preset.text);
  ASSIGN_OR_RETURN(const v1::JobSpec spec, ParseJobSpec(text, name, {}));
  // One that extends another is shown whole.
  const bool extends = absl::StrContains(text, "\nextends:");
  session.Print(MessageToJson(spec, JsonFields::kSet),
                extends ? absl::StrCat(HeadOf(text), "\n", MessageToYaml(spec)) : text);
  return kSuccess;
}

}  // namespace

void AddPresets(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("presets", "List the job files that come with outerloop");
  verb->callback([&session] {
    if (!session.run) session.run = [&session] { return ListPresets(session); };
  });
  CLI::App* show = verb->add_subcommand("show", "Print one of them");
  auto name = std::make_shared<std::string>();
  show->add_option("NAME", *name, "The preset")->required();
  show->callback(
      [&session, name] { session.run = [&session, name] { return ShowPreset(session, *name); }; });
}

}  // namespace outerloop::client
