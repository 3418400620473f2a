#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "client/command_line/verbs.h"
#include "client/job_events.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

struct EventsOptions {
  std::string job;
  bool follow = false;
};

absl::StatusOr<int> List(const Session& session, Client& client, const std::string& job) {
  ASSIGN_OR_RETURN(const auto events, client.ListEvents(job));
  session.Print(EventsToJson(events), EventLines(events));
  return kSuccess;
}

// Whoever reads along wants each event as it comes: a line of its own, also of JSON.
absl::StatusOr<int> Follow(const Session& session, Client& client, const std::string& job) {
  bool first = true;
  const absl::Status ended = client.WatchEvents(job, /*after_number=*/0, [&](const auto& event) {
    const bool says_what_is_missing = std::exchange(first, false);
    const std::string text = says_what_is_missing ? EventLines({&event, 1}) : EventLine(event);
    session.console.out << (session.json() ? JsonToLine(EventToJson(event)) : text) << std::flush;
  });
  if (absl::IsCancelled(ended)) return kSuccess;  // By Ctrl-C.
  RETURN_IF_ERROR(ended);
  return kSuccess;
}

absl::StatusOr<int> Events(const Session& session, const EventsOptions& options) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  return options.follow ? Follow(session, *client, options.job)
                        : List(session, *client, options.job);
}

}  // namespace

void AddEvents(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("events", "Print what has happened to a job, and when");
  auto options = std::make_shared<EventsOptions>();
  verb->add_option("JOB", options->job, "Id or name of the job")->required();
  verb->add_flag("-f,--follow", options->follow, "Go on with what happens until the job has ended");
  verb->callback([&session, options] {
    session.run = [&session, options] { return Events(session, *options); };
  });
}

}  // namespace outerloop::client
