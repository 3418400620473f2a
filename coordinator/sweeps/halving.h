// Successive halving: which trials of a sweep go on, decided as soon as it can be.
#ifndef OUTERLOOP_COORDINATOR_SWEEPS_HALVING_H_
#define OUTERLOOP_COORDINATOR_SWEEPS_HALVING_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace outerloop::coordinator {

// The steps after which trials are scored, ascending: `first`, then `reduction` times as many each
// time, and `last` at the end. `first` 0: only `last`. `reduction` >= 2, `last` >= 1.
std::vector<uint64_t> RungSteps(uint64_t first, uint32_t reduction, uint64_t last);

// Successive halving (Jamieson & Talwalkar 2016; Li et al. 2020, arXiv 1810.05934): all trials are
// trained for few steps; the best of them, one in `reduction`, for `reduction` times as many; and
// so on. A trial is promoted or stopped as soon as no score that is still to come can change that,
// not by the scores at hand as in the asynchronous variant: so the trials that go on, and the best
// one, are a function of the scores alone, in whatever order they come. Not thread-safe.
class Halving {
 public:
  enum class Verdict { kOpen, kPromoted, kStopped };

  // `trials` >= 1, `rungs` >= 1, `reduction` >= 2.
  Halving(uint32_t trials, uint32_t rungs, uint32_t reduction);

  uint32_t rungs() const { return static_cast<uint32_t>(entrants_.size()); }
  // How many trials come to `rung`: those promoted to it; all, to the first. At least one.
  uint32_t Entrants(uint32_t rung) const { return entrants_.at(rung); }

  // `trial` has come to `rung` and has this score there; more is better. NaN: it failed, and is
  // worse than all that did not. A second score for the same is dropped.
  void Report(uint32_t trial, uint32_t rung, double score);

  // What becomes of `trial` after `rung`, on whose last rung nobody is promoted or stopped: kOpen
  // as long as it is not scored there, or may come out either way. Equal scores: the earlier trial
  // is the better one.
  Verdict VerdictOn(uint32_t trial, uint32_t rung) const;

  // The best trial of the last rung, once all that come to it are scored.
  std::optional<uint32_t> Best() const;

 private:
  using Scores = std::map<uint32_t, double>;  // By trial.

  // How many trials scored on `rung` are better than `trial`, which is.
  uint32_t Better(uint32_t trial, uint32_t rung) const;

  std::vector<uint32_t> entrants_;  // By rung.
  std::vector<Scores> scores_;      // By rung.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SWEEPS_HALVING_H_
