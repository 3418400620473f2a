// The tasks of an evaluation: the job's episode, but for what the evaluation changes.
#ifndef OUTERLOOP_DATA_EVALUATED_EPISODE_H_
#define OUTERLOOP_DATA_EVALUATED_EPISODE_H_

#include <cstdint>

#include "outerloop/v1/job.pb.h"

namespace outerloop::data {

// Of any kind. 0 if no kind is given.
uint32_t ShotsOf(const v1::Episode& episode);
uint32_t QueriesOf(const v1::Episode& episode);

// `episode` with the ways, shots and queries that `evaluation` gives.
v1::Episode EvaluatedEpisode(const v1::EvaluationSpec& evaluation, const v1::Episode& episode);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_EVALUATED_EPISODE_H_
