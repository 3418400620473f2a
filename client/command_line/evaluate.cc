#include <memory>
#include <optional>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/command_line/job_reference.h"
#include "client/command_line/verbs.h"
#include "client/job_report.h"
#include "client/message_fields.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

struct EvaluateOptions {
  std::string job;
  std::string split = "test";
  std::optional<uint32_t> tasks;
  std::vector<uint32_t> inner_steps;
  std::optional<uint32_t> queries;
};

absl::StatusOr<v1::EvaluationSpec> MakeSpec(const EvaluateOptions& options) {
  v1::EvaluationSpec spec;
  ASSIGN_OR_RETURN(const auto* split, FindEnumValue(*v1::Split_descriptor(), options.split));
  spec.set_split(static_cast<v1::Split>(split->number()));
  if (options.tasks.has_value()) spec.set_tasks(*options.tasks);
  if (options.queries.has_value()) spec.set_queries(*options.queries);
  spec.mutable_inner_steps()->Assign(options.inner_steps.begin(), options.inner_steps.end());
  return spec;
}

ProgressLine EvaluationLine(const v1::Evaluation& evaluation) {
  ProgressLine line{
      .label = "evaluating",
      .done = evaluation.tasks_done(),
      .total = evaluation.spec().tasks(),
      .count = absl::StrCat(evaluation.tasks_done(), "/", evaluation.spec().tasks(), " tasks"),
      .fields = {}};
  if (!evaluation.reason().empty()) line.fields.push_back(evaluation.reason());
  return line;
}

void PrintEvaluation(const Session& session, const v1::Evaluation& evaluation,
                     const v1::JobSpec& spec) {
  const std::vector<const v1::Evaluation*> evaluations = {&evaluation};
  session.Print({{"job_id", evaluation.job_id()},
                 {"evaluation_id", evaluation.evaluation_id()},
                 {"step", evaluation.step()},
                 {"parameters_sha256", evaluation.parameters_sha256()},
                 {"evaluations", EvaluationsToJson(evaluations, spec)}},
                absl::StrCat(ResultTable(evaluations, spec), "\nparameters_sha256 ",
                             evaluation.parameters_sha256(), "\n"));
}

absl::StatusOr<int> Evaluate(const Session& session, const EvaluateOptions& options) {
  ASSIGN_OR_RETURN(const JobReference reference, ParseJobReference(options.job));
  ASSIGN_OR_RETURN(const v1::EvaluationSpec spec, MakeSpec(options));
  StatusDisplay display = session.MakeDisplay();
  ASSIGN_OR_RETURN(const auto client,
                   session.Connect([&display](const std::string& text) { display.Note(text); }));
  ASSIGN_OR_RETURN(const v1::Job job, client->GetJob(reference.job));
  const auto result =
      client->EvaluateJob(job.job_id(), reference.step, spec, [&](const v1::Evaluation& now) {
        display.Show(EvaluationLine(now), now.reason(), absl::Now());
      });
  display.Finish();
  if (absl::IsCancelled(result.status())) {
    session.console.err << "stopped waiting; the evaluation goes on. See its result with: "
                        << "outerloop describe " << job.job_id() << std::endl;
    return kFailure;
  }
  RETURN_IF_ERROR(result.status());
  PrintEvaluation(session, *result, job.spec());
  return kSuccess;
}

}  // namespace

void AddEvaluate(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("evaluate", "Score a checkpoint on tasks of one split");
  auto options = std::make_shared<EvaluateOptions>();
  verb->add_option("JOB", options->job, "Id or name of the job; JOB@STEP: not the latest step")
      ->required()
      ->check(CheckJobReference, "JOB[@STEP]");
  verb->add_option("--split", options->split, "train, validation or test")
      ->check(CLI::IsMember({"train", "validation", "test"}, CLI::ignore_case))
      ->capture_default_str();
  verb->add_option("--tasks", options->tasks, "How many tasks; default 1000");
  verb->add_option("--inner-steps", options->inner_steps,
                   "Inner steps after which to score, e.g. 1,3; default: the job's")
      ->delimiter(',')
      ->allow_extra_args(false);
  verb->add_option("--queries", options->queries,
                   "Query examples of a class (or points); default: the job's");
  verb->callback([&session, options] {
    session.run = [&session, options] { return Evaluate(session, *options); };
  });
}

}  // namespace outerloop::client
