#include "client/job_progress.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "client/terminal/format.h"

namespace outerloop::client {
namespace {

constexpr double kMemory = 0.98;

std::string EvaluationField(const v1::Job& job) {
  for (const v1::Evaluation& evaluation : job.evaluations()) {
    if (evaluation.state() != v1::EVALUATION_PENDING) continue;
    return absl::StrCat("evaluating ",
                        absl::AsciiStrToLower(v1::Split_Name(evaluation.spec().split())), ": ",
                        evaluation.tasks_done(), "/", evaluation.spec().tasks(), " tasks");
  }
  return "evaluating";
}

}  // namespace

void RecentMean::Add(double value) {
  sum_ = kMemory * sum_ + value;
  weight_ = kMemory * weight_ + 1;
}

void JobProgress::Add(const v1::WatchJobResponse& update) {
  job_ = update.job();
  for (const v1::StepMetrics& step : update.steps()) {
    seconds_.Add(step.seconds());
    if (step.skipped()) continue;
    loss_.Add(step.loss());
    if (step.has_accuracy()) accuracy_.Add(step.accuracy());
  }
}

ProgressLine JobProgress::Line() const {
  ProgressLine line{.label = v1::JobState_Name(job_.state()), .count = {}, .fields = {}};
  if (!job_.reason().empty()) line.fields.push_back(job_.reason());
  const uint64_t steps = job_.spec().training().steps();
  if (job_.state() == v1::QUEUED && job_.step() == 0) return line;
  line.done = job_.step();
  line.total = steps;
  line.count = absl::StrCat(job_.step(), "/", steps);
  if (job_.state() != v1::RUNNING) return line;
  if (job_.step() >= steps) {
    line.fields.push_back(EvaluationField(job_));
  } else {
    AddTrainingFields(line);
  }
  return line;
}

void JobProgress::AddTrainingFields(ProgressLine& line) const {
  if (seconds_.value() > 0) {
    line.fields.push_back(absl::StrCat(FormatNumber(1 / seconds_.value()), " steps/s"));
  }
  if (!loss_.empty()) line.fields.push_back(absl::StrCat("loss ", FormatNumber(loss_.value())));
  if (!accuracy_.empty()) {
    line.fields.push_back(absl::StrFormat("accuracy %.1f%%", 100 * accuracy_.value()));
  }
  if (seconds_.value() > 0) {
    const double left = static_cast<double>(line.total - line.done) * seconds_.value();
    line.fields.push_back(absl::StrCat(FormatClock(absl::Seconds(left)), " left"));
  }
  line.fields.push_back(absl::StrCat(job_.workers(), job_.workers() == 1 ? " worker" : " workers"));
}

}  // namespace outerloop::client
