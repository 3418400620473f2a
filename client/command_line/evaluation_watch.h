// An evaluation with its progress on the terminal.
#ifndef OUTERLOOP_CLIENT_COMMAND_LINE_EVALUATION_WATCH_H_
#define OUTERLOOP_CLIENT_COMMAND_LINE_EVALUATION_WATCH_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "client/client.h"
#include "client/terminal/status_display.h"
#include "outerloop/v1/job_service.pb.h"

namespace outerloop::client {

// Scores the checkpoint of `step`, or the latest, of `job`; shows how far it is. CANCELLED, saying
// how to come back, if the user stops waiting: the evaluation then goes on.
absl::StatusOr<v1::Evaluation> WatchEvaluation(Client& client, const v1::Job& job,
                                               std::optional<uint64_t> step,
                                               const v1::EvaluationSpec& spec,
                                               StatusDisplay& display);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_COMMAND_LINE_EVALUATION_WATCH_H_
