// Kinds of episodes by what their messages say of themselves.
#ifndef OUTERLOOP_DATA_EPISODE_KIND_H_
#define OUTERLOOP_DATA_EPISODE_KIND_H_

#include <string>
#include <vector>

#include "outerloop/v1/episode.pb.h"

namespace outerloop::data {

// The name of the episode's field, "sinusoid"; empty if no kind is given.
std::string KindOf(const v1::Episode& episode);

// The names of all kinds.
std::vector<std::string> EpisodeKinds();

// What stands in `dataset.name` for an episode whose tasks are drawn on the spot, from no file:
// "sinusoid", "gaussian-process". Empty for one that takes a data set with classes, and where no
// kind is given.
std::string DrawnDatasetOf(const v1::Episode& episode);

// All such names.
std::vector<std::string> DrawnDatasets();
bool IsDrawnDataset(const std::string& name);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_EPISODE_KIND_H_
