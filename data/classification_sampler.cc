#include "data/classification_sampler.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "data/distinct_draw.h"

namespace outerloop::data {
namespace {

// Quarter turns under which a class counts as a class of its own.
uint32_t TurnsOf(const v1::Classification& episode) { return episode.rotations() ? 4 : 1; }

absl::Status AtLeast(uint32_t least, uint32_t value, absl::string_view path,
                     const EpisodeUse& use) {
  if (value >= least) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", value, " is too few; at least ", least, " is needed", use.note));
}

absl::Status CheckWays(const v1::Classification& episode, const EpisodeUse& use, uint64_t classes) {
  const uint64_t virtual_classes = classes * TurnsOf(episode);
  if (episode.ways() <= virtual_classes) return absl::OkStatus();
  const std::string turned =
      episode.rotations() ? absl::StrCat(" (", classes, " in 4 rotations)") : "";
  return absl::InvalidArgumentError(absl::StrCat(
      "episode.classification.ways: ", episode.ways(), " is more than the ", virtual_classes,
      " classes", turned, " of split ", absl::AsciiStrToLower(v1::Split_Name(use.split)),
      "; at most ", virtual_classes, " are allowed", use.note));
}

absl::Status CheckExamples(const v1::Classification& episode, const EpisodeUse& use,
                           const ClassPool& pool) {
  const auto& all = pool.index.classes;
  const uint32_t smallest = *std::min_element(
      pool.classes.begin(), pool.classes.end(),
      [&all](uint32_t a, uint32_t b) { return all[a].examples < all[b].examples; });
  const DatasetClass& least = all[smallest];
  const uint64_t wanted = uint64_t{episode.shots()} + episode.queries();
  if (wanted <= least.examples) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      use.queries_path, ": ", episode.queries(), " with ", episode.shots(),
      " of episode.classification.shots is more than the ", least.examples, " examples of class '",
      least.name, "'; shots + queries may be at most ", least.examples, use.note));
}

// `count` more examples of each way, as rows.
std::vector<uint32_t> DrawExamples(std::span<const uint32_t> classes, uint32_t count,
                                   const DatasetIndex& index, std::span<DistinctDraw> draws,
                                   RandomStream& random) {
  std::vector<uint32_t> rows;
  rows.reserve(classes.size() * count);
  for (size_t way = 0; way < classes.size(); ++way) {
    const uint32_t first_row = index.classes[classes[way]].first_row;
    for (uint32_t i = 0; i < count; ++i) rows.push_back(first_row + draws[way].Next(random));
  }
  return rows;
}

class ClassificationSampler final : public EpisodeSampler {
 public:
  ClassificationSampler(const v1::Classification& episode, const ClassPool& pool)
      : episode_(episode), pool_(pool) {}

  absl::Status Check(const EpisodeUse& use) const override {
    RETURN_IF_ERROR(AtLeast(2, episode_.ways(), "episode.classification.ways", use));
    RETURN_IF_ERROR(AtLeast(1, episode_.shots(), "episode.classification.shots", use));
    RETURN_IF_ERROR(AtLeast(1, episode_.queries(), use.queries_path, use));
    RETURN_IF_ERROR(CheckWays(episode_, use, pool_.classes.size()));
    return CheckExamples(episode_, use, pool_);
  }

  Task Draw(RandomStream& random) const override {
    const uint32_t turns = TurnsOf(episode_);
    ClassificationTask task;
    std::vector<DistinctDraw> examples;
    DistinctDraw ways(static_cast<uint32_t>(pool_.classes.size()) * turns);
    for (uint32_t way = 0; way < episode_.ways(); ++way) {
      const uint32_t virtual_class = ways.Next(random);
      const uint32_t number = pool_.classes[virtual_class / turns];
      task.classes.push_back(number);
      task.rotations.push_back(virtual_class % turns);
      examples.emplace_back(pool_.index.classes[number].examples);
    }
    task.support = DrawExamples(task.classes, episode_.shots(), pool_.index, examples, random);
    task.query = DrawExamples(task.classes, episode_.queries(), pool_.index, examples, random);
    return task;
  }

 private:
  const v1::Classification episode_;
  const ClassPool pool_;
};

}  // namespace

std::unique_ptr<const EpisodeSampler> MakeClassificationSampler(const v1::Classification& episode,
                                                                const ClassPool& pool) {
  return std::make_unique<ClassificationSampler>(episode, pool);
}

}  // namespace outerloop::data
