// A job as one page that needs nothing else: for a browser, a colleague, an archive.
#ifndef OUTERLOOP_CLIENT_REPORT_JOB_PAGE_H_
#define OUTERLOOP_CLIENT_REPORT_JOB_PAGE_H_

#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "outerloop/v1/episode_sample.pb.h"
#include "outerloop/v1/event.pb.h"
#include "outerloop/v1/job_service.pb.h"

namespace outerloop::client {

// Tasks of one of a job's evaluations to look at; there may be none.
struct SampledEvaluation {
  v1::Evaluation evaluation;
  std::vector<v1::EpisodeSample> samples;
};

// HTML with its style and pictures in it, and no script: what the job is and how it stands, its
// results beside published figures, what it answers to tasks that were `sampled`, the curves of its
// `steps`, its checkpoints, its `events`, how to get the same parameters again, and the
// specification. `written` is when the page is.
std::string JobPage(const v1::Job& job, std::span<const v1::StepMetrics> steps,
                    const SampledEvaluation& sampled, std::span<const v1::JobEvent> events,
                    absl::Time written);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_REPORT_JOB_PAGE_H_
