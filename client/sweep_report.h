// Sweeps and what they have found, for people and for programs.
#ifndef OUTERLOOP_CLIENT_SWEEP_REPORT_H_
#define OUTERLOOP_CLIENT_SWEEP_REPORT_H_

#include <string>

#include "client/message_json.h"
#include "client/terminal/progress_line.h"
#include "outerloop/v1/sweep.pb.h"

namespace outerloop::client {

// {sweep_id, name, state, reason, best, created, finished, trials, evaluations}; `best` is null
// until it is known. Each trial is {trial, job_id, state, reason, step, job_state, settings,
// scores}, in the order of their numbers; `settings` is by path, each score {step, metric, mean,
// ci95, tasks}. `evaluations` are those of the best trial, as in JobToJson. The names stay.
Json SweepToJson(const v1::Sweep& sweep);

// A table, a line a trial: its settings, how far it is, its last score with the 95% interval, its
// state. The furthest first, of those the best; the chosen one has a star. Then the results of the
// best one's evaluations, if there are any.
std::string SweepReport(const v1::Sweep& sweep);

// What is tried, before anything is submitted: a table, a line a trial.
std::string TrialTable(const v1::SweepSpec& spec);

// "RUNNING 7/12 trials, 3 training, 2 waiting, best so far".
ProgressLine SweepLine(const v1::Sweep& sweep);

// "RUNNING" for SWEEP_RUNNING.
std::string StateName(v1::SweepState state);

// Whether a sweep in `state` has ended.
bool HasEnded(v1::SweepState state);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_SWEEP_REPORT_H_
