// The score of every task of an evaluation, as a file.
#ifndef OUTERLOOP_CLIENT_SCORE_TABLE_H_
#define OUTERLOOP_CLIENT_SCORE_TABLE_H_

#include <span>
#include <string>

#include "client/message_json.h"
#include "outerloop/v1/evaluation.pb.h"

namespace outerloop::client {

// The line that ScoresToCsv's lines go under.
inline constexpr char kScoresHeader[] = "evaluation_id,mode,inner_steps,task,score\n";

// A line a score, series by series, tasks counted from 0. Scores have as many digits as they need
// to be read back as they were.
std::string ScoresToCsv(const std::string& evaluation_id, std::span<const v1::ScoreSeries> series);

// {evaluation_id, series: [{mode, inner_steps, metric, scores}]}.
Json ScoresToJson(const std::string& evaluation_id, std::span<const v1::ScoreSeries> series);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_SCORE_TABLE_H_
