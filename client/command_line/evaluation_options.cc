#include "client/command_line/evaluation_options.h"

#include "CLI/CLI.hpp"
#include "client/message_fields.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

// Each of `values`, or nothing once if there are none.
std::vector<std::optional<uint32_t>> EachOf(const std::vector<uint32_t>& values) {
  if (values.empty()) return {std::nullopt};
  return {values.begin(), values.end()};
}

void AddNumbers(CLI::App& verb, const std::string& name, std::vector<uint32_t>& numbers,
                const std::string& description) {
  verb.add_option(name, numbers, description)->delimiter(',')->allow_extra_args(false);
}

}  // namespace

void AddEvaluationOptions(CLI::App& verb, EvaluationOptions& options) {
  verb.add_option("--split", options.split, "train, validation or test")
      ->check(CLI::IsMember({"train", "validation", "test"}, CLI::ignore_case))
      ->capture_default_str();
  verb.add_option("--tasks", options.tasks, "How many tasks; default 1000");
  AddNumbers(verb, "--inner-steps", options.inner_steps,
             "Inner steps after which to score, e.g. 1,3; default: the job's");
  AddNumbers(verb, "--ways", options.ways,
             "Classes of a task, one evaluation each, e.g. 5,20; default: the job's");
  AddNumbers(verb, "--shots", options.shots,
             "Support examples of a class (or points), one evaluation each, e.g. 1,5; default: the "
             "job's");
  verb.add_option("--queries", options.queries,
                  "Query examples of a class (or points); default: the job's");
  verb.add_option("--seed", options.seed, "Of the tasks; default: that of training");
}

absl::StatusOr<std::vector<v1::EvaluationSpec>> MakeSpecs(const EvaluationOptions& options) {
  v1::EvaluationSpec spec;
  ASSIGN_OR_RETURN(const auto* split, FindEnumValue(*v1::Split_descriptor(), options.split));
  spec.set_split(static_cast<v1::Split>(split->number()));
  if (options.tasks.has_value()) spec.set_tasks(*options.tasks);
  if (options.queries.has_value()) spec.set_queries(*options.queries);
  if (options.seed.has_value()) spec.set_seed(*options.seed);
  spec.mutable_inner_steps()->Assign(options.inner_steps.begin(), options.inner_steps.end());
  std::vector<v1::EvaluationSpec> specs;
  for (const std::optional<uint32_t> ways : EachOf(options.ways)) {
    for (const std::optional<uint32_t> shots : EachOf(options.shots)) {
      v1::EvaluationSpec& one = specs.emplace_back(spec);
      if (ways.has_value()) one.set_ways(*ways);
      if (shots.has_value()) one.set_shots(*shots);
    }
  }
  return specs;
}

}  // namespace outerloop::client
