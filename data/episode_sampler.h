// What a kind of episode is: tasks that can be drawn.
#ifndef OUTERLOOP_DATA_EPISODE_SAMPLER_H_
#define OUTERLOOP_DATA_EPISODE_SAMPLER_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "common/philox.h"
#include "data/dataset_file.h"
#include "data/task.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::data {

// The classes of one split. Those of episodes that are drawn on the spot are not looked at.
struct ClassPool {
  const DatasetIndex& index;
  std::span<const uint32_t> classes;  // Numbers in `index`. Not empty.
};

// One use that a job makes of its episode, training or one evaluation, as it is checked. The texts
// tell a person where in the specification it stands.
struct EpisodeUse {
  v1::Split split = v1::TRAIN;
  std::string queries_path;  // e.g. "evaluations[0].queries"
  std::string note;          // Ends every message: " (evaluations[0])", or "" for training.
};

// Draws the tasks of one episode with fixed sizes from one pool of classes, which must outlive it.
// Immutable: safe to share between threads.
class EpisodeSampler {
 public:
  virtual ~EpisodeSampler() = default;

  // Whether tasks can be drawn; INVALID_ARGUMENT with the field's path otherwise.
  virtual absl::Status Check(const EpisodeUse& use) const = 0;

  // One task, from the numbers of `random` alone. Its queries are drawn last, so that the rest is
  // the same whatever their number is. Check must be OK.
  virtual Task Draw(RandomStream& random) const = 0;
};

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_EPISODE_SAMPLER_H_
