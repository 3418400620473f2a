// What a user says of the tasks to score a checkpoint on.
#ifndef OUTERLOOP_CLIENT_COMMAND_LINE_EVALUATION_OPTIONS_H_
#define OUTERLOOP_CLIENT_COMMAND_LINE_EVALUATION_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "outerloop/v1/job.pb.h"

namespace CLI {
class App;
}

namespace outerloop::client {

struct EvaluationOptions {
  std::string split = "test";
  std::optional<uint32_t> tasks;
  std::vector<uint32_t> inner_steps;
  std::optional<uint32_t> queries;
  std::vector<uint32_t> ways;   // Each is scored.
  std::vector<uint32_t> shots;  // Each is scored, with each of `ways`.
  std::optional<uint64_t> seed;
};

// `options` must outlive the parsing.
void AddEvaluationOptions(CLI::App& verb, EvaluationOptions& options);

// One for each pair of ways and shots; one if none are given.
absl::StatusOr<std::vector<v1::EvaluationSpec>> MakeSpecs(const EvaluationOptions& options);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_COMMAND_LINE_EVALUATION_OPTIONS_H_
