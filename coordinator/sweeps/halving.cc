#include "coordinator/sweeps/halving.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace outerloop::coordinator {

std::vector<uint64_t> RungSteps(uint64_t first, uint32_t reduction, uint64_t last) {
  std::vector<uint64_t> steps;
  for (uint64_t step = first; step > 0 && step < last; step *= reduction) {
    steps.push_back(step);
    if (step > last / reduction) break;  // The next one would be past the end, or overflow.
  }
  steps.push_back(last);
  return steps;
}

Halving::Halving(uint32_t trials, uint32_t rungs, uint32_t reduction) : scores_(rungs) {
  for (uint32_t rung = 0; rung < rungs; ++rung) {
    entrants_.push_back(trials);
    trials = std::max(trials / reduction, 1u);
  }
}

void Halving::Report(uint32_t trial, uint32_t rung, double score) {
  constexpr double kWorst = -std::numeric_limits<double>::infinity();
  scores_.at(rung).emplace(trial, std::isnan(score) ? kWorst : score);
}

uint32_t Halving::Better(uint32_t trial, uint32_t rung) const {
  const Scores& scores = scores_.at(rung);
  const double own = scores.at(trial);
  return static_cast<uint32_t>(std::count_if(scores.begin(), scores.end(), [&](const auto& entry) {
    return entry.second > own || (entry.second == own && entry.first < trial);
  }));
}

Halving::Verdict Halving::VerdictOn(uint32_t trial, uint32_t rung) const {
  const Scores& scores = scores_.at(rung);
  if (rung + 1 == rungs() || !scores.contains(trial)) return Verdict::kOpen;
  const uint32_t promoted = entrants_[rung + 1];
  const uint32_t better = Better(trial, rung);
  const auto missing = entrants_[rung] - static_cast<uint32_t>(scores.size());
  if (better >= promoted) return Verdict::kStopped;
  return better + missing < promoted ? Verdict::kPromoted : Verdict::kOpen;
}

std::optional<uint32_t> Halving::Best() const {
  const Scores& scores = scores_.back();
  if (scores.size() < entrants_.back()) return std::nullopt;
  for (const auto& [trial, score] : scores) {
    if (Better(trial, rungs() - 1) == 0) return trial;
  }
  return std::nullopt;
}

}  // namespace outerloop::coordinator
