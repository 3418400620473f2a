#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "client/command_line/verbs.h"
#include "client/job_history.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

struct HistoryOptions {
  std::string job;
  uint64_t every = 1;
  uint64_t points = 0;  // 0: as many as there are.
};

absl::StatusOr<int> History(const Session& session, const HistoryOptions& options) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::StepMetrics> steps, client->ListSteps(options.job));
  const uint64_t every = options.points > 0 ? StretchFor(steps, options.points) : options.every;
  const std::vector<HistoryRow> rows = SummarizeHistory(steps, every);
  session.Print(HistoryToJson(rows), HistoryToCsv(rows));
  return kSuccess;
}

}  // namespace

void AddHistory(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("history", "Print a job's loss and accuracy step by step");
  auto options = std::make_shared<HistoryOptions>();
  verb->add_option("JOB", options->job, "Id or name of the job")->required();
  verb->add_option("--every", options->every, "Print means over so many steps at a time")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--points", options->points,
                   "Print at most so many lines, means over equal numbers of steps; default: all")
      ->check(CLI::PositiveNumber)
      ->excludes("--every");
  verb->callback([&session, options] {
    session.run = [&session, options] { return History(session, *options); };
  });
}

}  // namespace outerloop::client
