#include "worker/loaders/make_loader.h"

#include "worker/loaders/classification_loader.h"
#include "worker/loaders/image_completion_loader.h"
#include "worker/loaders/regression_loader.h"

namespace outerloop::worker {

std::unique_ptr<const EpisodeLoader> MakeEpisodeLoader(const v1::Episode& episode,
                                                       const data::DatasetView* dataset) {
  if (dataset == nullptr) return std::make_unique<RegressionLoader>();
  if (episode.has_image_completion()) return std::make_unique<ImageCompletionLoader>(*dataset);
  return std::make_unique<ClassificationLoader>(*dataset, episode.classification().ways());
}

}  // namespace outerloop::worker
