// Episodes whose tasks are drawn on the spot, from no file.
#ifndef OUTERLOOP_DATA_DRAWN_EPISODE_H_
#define OUTERLOOP_DATA_DRAWN_EPISODE_H_

#include <string>
#include <vector>

#include "outerloop/v1/job.pb.h"

namespace outerloop::data {

// The name of the episode's field, "sinusoid"; empty if no kind is given.
std::string KindOf(const v1::Episode& episode);

// What stands in `dataset.name` for such an episode: "sinusoid", "gaussian-process". Empty for a
// classification, which takes a data set with classes, and where no kind is given.
std::string DrawnDatasetOf(const v1::Episode& episode);

// All such names.
std::vector<std::string> DrawnDatasets();
bool IsDrawnDataset(const std::string& name);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_DRAWN_EPISODE_H_
