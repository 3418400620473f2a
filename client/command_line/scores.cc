#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "client/command_line/verbs.h"
#include "client/score_table.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

absl::StatusOr<int> Scores(const Session& session, const std::string& evaluation_id) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const auto series, client->ListScores(evaluation_id));
  session.Print(ScoresToJson(evaluation_id, series),
                kScoresHeader + ScoresToCsv(evaluation_id, series));
  return kSuccess;
}

}  // namespace

void AddScores(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("scores", "Print the score of every task of an evaluation");
  auto evaluation_id = std::make_shared<std::string>();
  verb->add_option("EVALUATION", *evaluation_id,
                   "Its id, which `outerloop describe JOB --output json` shows")
      ->required();
  verb->callback([&session, evaluation_id] {
    session.run = [&session, evaluation_id] { return Scores(session, *evaluation_id); };
  });
}

}  // namespace outerloop::client
