#include "data/image_completion_sampler.h"

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "data/distinct_draw.h"

namespace outerloop::data {
namespace {

constexpr absl::string_view kPath = "episode.image_completion.";

absl::Status CheckPixels(const v1::ImageCompletion& episode, const EpisodeUse& use,
                         uint32_t pixels) {
  const bool varies = episode.max_shots() > episode.shots();
  const uint32_t shots = varies ? episode.max_shots() : episode.shots();
  const uint64_t wanted = uint64_t{shots} + episode.queries();
  if (episode.shots() >= 1 && episode.queries() >= 1 && wanted <= pixels) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(use.queries_path, ": ", episode.queries(), " with ", shots, " of ", kPath,
                   varies ? "max_shots" : "shots",
                   " is not possible; at least 1 of each is needed, and an image has ", pixels,
                   " pixels in all", use.note));
}

absl::Status CheckRotations(const v1::ImageCompletion& episode, const DatasetIndex& index) {
  if (!episode.rotations() || index.height == index.width) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(kPath, "rotations: images of ", index.height,
                                                 " x ", index.width,
                                                 " are not square; leave them out"));
}

std::vector<uint32_t> DrawPixels(uint32_t count, DistinctDraw& pixels, RandomStream& random) {
  std::vector<uint32_t> drawn(count);
  for (uint32_t& pixel : drawn) pixel = pixels.Next(random);
  return drawn;
}

class ImageCompletionSampler final : public EpisodeSampler {
 public:
  ImageCompletionSampler(const v1::ImageCompletion& episode, const ClassPool& pool)
      : episode_(episode), pool_(pool) {}

  absl::Status Check(const EpisodeUse& use) const override {
    RETURN_IF_ERROR(CheckPixels(episode_, use, pixels()));
    return CheckRotations(episode_, pool_.index);
  }

  Task Draw(RandomStream& random) const override {
    ImageCompletionTask task;
    task.image = RowOf(random.Below(images()));
    if (episode_.rotations()) task.rotation = random.Below(4);
    DistinctDraw draw(pixels());
    task.support = DrawPixels(episode_.shots(), draw, random);
    task.query = DrawPixels(episode_.queries(), draw, random);
    return task;
  }

 private:
  uint32_t pixels() const { return pool_.index.height * pool_.index.width; }

  // Of all classes of the pool.
  uint32_t images() const {
    uint32_t images = 0;
    for (const uint32_t number : pool_.classes) images += pool_.index.classes[number].examples;
    return images;
  }

  // Of image `number` of the pool, counted class by class.
  uint32_t RowOf(uint32_t number) const {
    for (const uint32_t class_number : pool_.classes) {
      const DatasetClass& its_class = pool_.index.classes[class_number];
      if (number < its_class.examples) return its_class.first_row + number;
      number -= its_class.examples;
    }
    return 0;  // Not reached: the pool has so many images.
  }

  const v1::ImageCompletion episode_;
  const ClassPool pool_;
};

}  // namespace

std::unique_ptr<const EpisodeSampler> MakeImageCompletionSampler(const v1::ImageCompletion& episode,
                                                                 const ClassPool& pool) {
  return std::make_unique<ImageCompletionSampler>(episode, pool);
}

}  // namespace outerloop::data
