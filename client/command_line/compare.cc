#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/evaluation_options.h"
#include "client/command_line/evaluation_watch.h"
#include "client/command_line/job_reference.h"
#include "client/command_line/verbs.h"
#include "client/job_comparison.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

struct CompareOptions {
  std::string first;
  std::string second;
  EvaluationOptions evaluation;
};

struct Side {
  JobReference reference;
  v1::Job job;
};

// Both jobs on the same tasks.
struct Match {
  v1::Evaluation first;
  v1::Evaluation second;
  std::vector<Comparison> comparisons;
};

absl::StatusOr<Side> FindSide(Client& client, const std::string& text) {
  Side side;
  ASSIGN_OR_RETURN(side.reference, ParseJobReference(text));
  ASSIGN_OR_RETURN(side.job, client.GetJob(side.reference.job));
  return side;
}

absl::StatusOr<Match> Play(Client& client, const Side& first, const Side& second,
                           const v1::EvaluationSpec& spec, StatusDisplay& display) {
  Match match;
  ASSIGN_OR_RETURN(match.first,
                   WatchEvaluation(client, first.job, first.reference.step, spec, display));
  ASSIGN_OR_RETURN(match.second, WatchEvaluation(client, second.job, second.reference.step,
                                                 SameTasks(match.first.spec(), spec), display));
  ASSIGN_OR_RETURN(const auto scores, client.ListScores(match.first.evaluation_id()));
  ASSIGN_OR_RETURN(const auto others, client.ListScores(match.second.evaluation_id()));
  ASSIGN_OR_RETURN(match.comparisons, Compare(scores, others));
  return match;
}

Json ToJson(const Match& match) {
  const v1::EvaluationSpec& spec = match.first.spec();
  return {{"split", v1::Split_Name(spec.split())},
          {"ways", spec.has_ways() ? Json(spec.ways()) : Json(nullptr)},
          {"shots", spec.shots()},
          {"seed", spec.seed()},
          {"evaluation_ids", {match.first.evaluation_id(), match.second.evaluation_id()}},
          {"comparisons", ComparisonsToJson(match.comparisons)}};
}

std::string ToText(const Match& match, const CompareOptions& options) {
  const v1::EvaluationSpec& spec = match.first.spec();
  const std::string ways = spec.has_ways() ? absl::StrCat(spec.ways(), "-way ") : "";
  return absl::StrCat(ways, spec.shots(), "-shot, ", options.evaluation.split, " split\n",
                      ComparisonTable(match.comparisons, options.first, options.second));
}

absl::StatusOr<int> Compare(const Session& session, const CompareOptions& options) {
  ASSIGN_OR_RETURN(const auto specs, MakeSpecs(options.evaluation));
  StatusDisplay display = session.MakeDisplay();
  ASSIGN_OR_RETURN(const auto client,
                   session.Connect([&display](const std::string& text) { display.Note(text); }));
  ASSIGN_OR_RETURN(const Side first, FindSide(*client, options.first));
  ASSIGN_OR_RETURN(const Side second, FindSide(*client, options.second));
  RETURN_IF_ERROR(CheckSameTasks(first.job, second.job));
  Json matches = Json::array();
  std::string text;
  for (const v1::EvaluationSpec& spec : specs) {
    ASSIGN_OR_RETURN(const Match match, Play(*client, first, second, spec, display));
    matches.push_back(ToJson(match));
    absl::StrAppend(&text, text.empty() ? "" : "\n", ToText(match, options));
  }
  session.Print({{"first", first.job.job_id()},
                 {"second", second.job.job_id()},
                 {"matches", std::move(matches)}},
                text);
  return kSuccess;
}

}  // namespace

void AddCompare(CLI::App& app, Session& session) {
  CLI::App* verb =
      app.add_subcommand("compare", "Score two checkpoints on the same tasks, and compare them");
  auto options = std::make_shared<CompareOptions>();
  verb->add_option("JOB", options->first, "Id or name of a job; JOB@STEP: not the latest step")
      ->required()
      ->check(CheckJobReference, "JOB[@STEP]");
  verb->add_option("OTHER", options->second, "The one to compare it with")
      ->required()
      ->check(CheckJobReference, "JOB[@STEP]");
  AddEvaluationOptions(*verb, options->evaluation);
  verb->callback([&session, options] {
    session.run = [&session, options] { return Compare(session, *options); };
  });
}

}  // namespace outerloop::client
