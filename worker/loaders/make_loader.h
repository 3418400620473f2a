// The loader that goes with an episode.
#ifndef OUTERLOOP_WORKER_LOADERS_MAKE_LOADER_H_
#define OUTERLOOP_WORKER_LOADERS_MAKE_LOADER_H_

#include <memory>

#include "data/dataset_file.h"
#include "outerloop/v1/episode.pb.h"
#include "worker/loaders/episode_loader.h"

namespace outerloop::worker {

// `dataset` must outlive the loader; null for an episode whose tasks are drawn on the spot.
std::unique_ptr<const EpisodeLoader> MakeEpisodeLoader(const v1::Episode& episode,
                                                       const data::DatasetView* dataset);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_LOADERS_MAKE_LOADER_H_
