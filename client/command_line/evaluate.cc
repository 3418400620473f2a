#include <memory>
#include <optional>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/evaluation_options.h"
#include "client/command_line/evaluation_watch.h"
#include "client/command_line/job_reference.h"
#include "client/command_line/verbs.h"
#include "client/job_report.h"
#include "client/score_table.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

struct EvaluateOptions {
  std::string job;
  EvaluationOptions evaluation;
  std::string scores;  // A path, or "".
};

// `evaluations` are of one checkpoint; at least one.
void PrintEvaluations(const Session& session, const v1::Job& job,
                      const std::vector<v1::Evaluation>& evaluations) {
  std::vector<const v1::Evaluation*> all;
  Json ids = Json::array();
  for (const v1::Evaluation& evaluation : evaluations) {
    all.push_back(&evaluation);
    ids.push_back(evaluation.evaluation_id());
  }
  session.Print({{"job_id", job.job_id()},
                 {"evaluation_ids", ids},
                 {"step", all.front()->step()},
                 {"parameters_sha256", all.front()->parameters_sha256()},
                 {"evaluations", EvaluationsToJson(all, job.spec())}},
                absl::StrCat(ResultTable(all, job.spec()), "\nparameters_sha256 ",
                             all.front()->parameters_sha256(), "\n"));
}

absl::Status WriteScores(Client& client, const std::vector<v1::Evaluation>& evaluations,
                         const std::string& path) {
  std::string csv = kScoresHeader;
  for (const v1::Evaluation& evaluation : evaluations) {
    ASSIGN_OR_RETURN(const auto series, client.ListScores(evaluation.evaluation_id()));
    csv += ScoresToCsv(evaluation.evaluation_id(), series);
  }
  return WriteFileAtomically(path, csv);
}

absl::StatusOr<int> Evaluate(const Session& session, const EvaluateOptions& options) {
  ASSIGN_OR_RETURN(const JobReference reference, ParseJobReference(options.job));
  ASSIGN_OR_RETURN(const auto specs, MakeSpecs(options.evaluation));
  StatusDisplay display = session.MakeDisplay();
  ASSIGN_OR_RETURN(const auto client,
                   session.Connect([&display](const std::string& text) { display.Note(text); }));
  ASSIGN_OR_RETURN(const v1::Job job, client->GetJob(reference.job));
  std::vector<v1::Evaluation> evaluations;
  std::optional<uint64_t> step = reference.step;
  for (const v1::EvaluationSpec& spec : specs) {
    ASSIGN_OR_RETURN(evaluations.emplace_back(),
                     WatchEvaluation(*client, job, step, spec, display));
    step = evaluations.back().step();  // The same checkpoint for all, though the job may go on.
  }
  if (!options.scores.empty()) {
    RETURN_IF_ERROR(WriteScores(*client, evaluations, options.scores));
  }
  PrintEvaluations(session, job, evaluations);
  return kSuccess;
}

}  // namespace

void AddEvaluate(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("evaluate", "Score a checkpoint on tasks of one split");
  auto options = std::make_shared<EvaluateOptions>();
  verb->add_option("JOB", options->job, "Id or name of the job; JOB@STEP: not the latest step")
      ->required()
      ->check(CheckJobReference, "JOB[@STEP]");
  AddEvaluationOptions(*verb, options->evaluation);
  verb->add_option("--scores", options->scores, "Write the score of every task to this CSV file");
  verb->callback([&session, options] {
    session.run = [&session, options] { return Evaluate(session, *options); };
  });
}

}  // namespace outerloop::client
