#include "worker/loaders/make_loader.h"

#include "worker/loaders/classification_loader.h"
#include "worker/loaders/regression_loader.h"

namespace outerloop::worker {

std::unique_ptr<const EpisodeLoader> MakeEpisodeLoader(const v1::Episode& episode,
                                                       const data::DatasetView* dataset) {
  if (dataset == nullptr) return std::make_unique<RegressionLoader>();
  return std::make_unique<ClassificationLoader>(*dataset, episode.classification().ways());
}

}  // namespace outerloop::worker
