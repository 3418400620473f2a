// One use that a job makes of its episode, as the samplers check it.
#ifndef OUTERLOOP_DATA_EPISODE_USE_H_
#define OUTERLOOP_DATA_EPISODE_USE_H_

#include <cstdint>
#include <string>

#include "outerloop/v1/job.pb.h"

namespace outerloop::data {

// Training, or one evaluation: which split is sampled and with how many queries. The texts tell a
// person where in the specification that was said.
struct EpisodeUse {
  v1::Split split = v1::TRAIN;
  uint32_t queries = 0;
  std::string queries_path;  // e.g. "evaluations[0].queries"
  std::string note;          // Ends every message: " (evaluations[0])", or "" for training.
};

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_EPISODE_USE_H_
