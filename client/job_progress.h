// How far a job is, from the updates of a watch.
#ifndef OUTERLOOP_CLIENT_JOB_PROGRESS_H_
#define OUTERLOOP_CLIENT_JOB_PROGRESS_H_

#include <string>

#include "client/terminal/progress_line.h"
#include "outerloop/v1/job_service.pb.h"

namespace outerloop::client {

// A mean that forgets: the k-th last value weighs 0.98^k, so that about the last 50 count. Exact
// from the first value on.
class RecentMean {
 public:
  void Add(double value);
  // 0 if there is no value.
  double value() const { return weight_ > 0 ? sum_ / weight_ : 0; }
  bool empty() const { return weight_ == 0; }

 private:
  double sum_ = 0;
  double weight_ = 0;
};

// Reads no clock: speed is that of the steps' own wall times. Thread-compatible.
class JobProgress {
 public:
  void Add(const v1::WatchJobResponse& update);

  // "RUNNING 120/2000, 41.3 steps/s, loss, accuracy, time left, workers"; with the reason while
  // the job waits or recovers; with the tasks done while it is evaluated.
  ProgressLine Line() const;

  // Why the job waits; what shows at once when it changes.
  const std::string& reason() const { return job_.reason(); }

 private:
  void AddTrainingFields(ProgressLine& line) const;

  v1::Job job_;
  RecentMean seconds_;  // Of a step.
  RecentMean loss_;
  RecentMean accuracy_;  // Empty for regression.
};

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_JOB_PROGRESS_H_
