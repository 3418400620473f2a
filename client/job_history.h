// The steps of a job as a curve: means over so many steps at a time.
#ifndef OUTERLOOP_CLIENT_JOB_HISTORY_H_
#define OUTERLOOP_CLIENT_JOB_HISTORY_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/message_json.h"
#include "outerloop/v1/job_service.pb.h"

namespace outerloop::client {

struct HistoryRow {
  uint64_t step = 0;               // The last one that the row is of.
  std::optional<double> loss;      // Mean; none if every step was skipped.
  std::optional<double> accuracy;  // Mean, as a fraction; none for regression as well.
  double seconds = 0;              // Of one step; mean.
  uint64_t skipped = 0;            // Steps that were left out because they were not finite.
};

// A row for each stretch of `every` steps (at least 1) that ends at a multiple of it; the last row
// may be of fewer. `steps` ascend.
std::vector<HistoryRow> SummarizeHistory(std::span<const v1::StepMetrics> steps, uint64_t every);

// The shortest stretch that gives `steps`, which ascend, at most `points` rows (at least 1).
uint64_t StretchFor(std::span<const v1::StepMetrics> steps, uint64_t points);

// Lines of comma-separated values below the line "step,loss,accuracy,seconds,skipped"; what there
// is none of is empty. Numbers have as many digits as they need to be read back as they were.
std::string HistoryToCsv(std::span<const HistoryRow> rows);

// [{step, loss, accuracy, seconds, skipped}]; what there is none of is null.
Json HistoryToJson(std::span<const HistoryRow> rows);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_JOB_HISTORY_H_
