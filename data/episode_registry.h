// All kinds of episodes. episode_registry.cc is made by CMake from this folder's list.
#ifndef OUTERLOOP_DATA_EPISODE_REGISTRY_H_
#define OUTERLOOP_DATA_EPISODE_REGISTRY_H_

#include <memory>

#include "data/episode_sampler.h"
#include "outerloop/v1/episode.pb.h"

namespace outerloop::data {

// Of the kind that `episode` gives. Null if it gives none.
std::unique_ptr<const EpisodeSampler> MakeEpisodeSampler(const v1::Episode& episode,
                                                         const ClassPool& pool);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_EPISODE_REGISTRY_H_
