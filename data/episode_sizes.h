// How large an episode's tasks are, by the fields that its kinds have in common.
#ifndef OUTERLOOP_DATA_EPISODE_SIZES_H_
#define OUTERLOOP_DATA_EPISODE_SIZES_H_

#include <cstdint>

#include "outerloop/v1/job.pb.h"

namespace outerloop::data {

// Classes of a task; 0 if tasks have none.
uint32_t WaysOf(const v1::Episode& episode);
// Support examples of a class, or of a task without classes; queries likewise. 0 if no kind is
// given.
uint32_t ShotsOf(const v1::Episode& episode);
uint32_t QueriesOf(const v1::Episode& episode);
// The most shots that a task of training has.
uint32_t MaxShotsOf(const v1::Episode& episode);

// `episode` with so many shots, always.
v1::Episode WithShots(v1::Episode episode, uint32_t shots);

// `episode` with the ways, shots and queries that `evaluation` gives, and with the same number of
// shots always.
v1::Episode EvaluatedEpisode(const v1::EvaluationSpec& evaluation, const v1::Episode& episode);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_EPISODE_SIZES_H_
