#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/verbs.h"
#include "client/score_table.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

struct ScoresOptions {
  std::string name;  // Of an evaluation, or of a job.
  std::string path;  // "": print them.
};

// What is no job's name is taken for an evaluation's id.
absl::StatusOr<std::vector<std::string>> EvaluationIds(Client& client, const std::string& name) {
  const absl::StatusOr<v1::Job> job = client.GetJob(name);
  if (absl::IsNotFound(job.status())) return std::vector<std::string>{name};
  RETURN_IF_ERROR(job.status());
  std::vector<std::string> ids;
  for (const v1::Evaluation& evaluation : job->evaluations()) {
    if (evaluation.state() == v1::EVALUATION_DONE) ids.push_back(evaluation.evaluation_id());
  }
  if (!ids.empty()) return ids;
  return absl::NotFoundError(
      absl::StrCat("job ", job->job_id(), " has no evaluation that is done"));
}

absl::StatusOr<int> Scores(const Session& session, const ScoresOptions& options) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, EvaluationIds(*client, options.name));
  std::string csv = kScoresHeader;
  Json json = Json::array();
  for (const std::string& id : ids) {
    ASSIGN_OR_RETURN(const auto series, client->ListScores(id));
    absl::StrAppend(&csv, ScoresToCsv(id, series));
    json.push_back(ScoresToJson(id, series));
  }
  const bool one = ids.size() == 1 && ids[0] == options.name;
  if (one) json = Json(json[0]);
  if (options.path.empty()) {
    session.Print(json, csv);
    return kSuccess;
  }
  RETURN_IF_ERROR(WriteFileAtomically(options.path, session.json() ? JsonToString(json) : csv));
  session.Print({{"evaluation_ids", ids}, {"path", options.path}},
                absl::StrCat("wrote ", options.path, "\n"));
  return kSuccess;
}

}  // namespace

void AddScores(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("scores", "Print the score of every task of evaluations");
  auto options = std::make_shared<ScoresOptions>();
  verb->add_option("EVALUATION", options->name,
                   "Its id, which `outerloop describe JOB --output json` shows; or a job's id or "
                   "name, for all of its evaluations that are done")
      ->required();
  verb->add_option("-o,--file", options->path,
                   "Write a file instead: CSV, or JSON under --output json");
  verb->callback([&session, options] {
    session.run = [&session, options] { return Scores(session, *options); };
  });
}

}  // namespace outerloop::client
